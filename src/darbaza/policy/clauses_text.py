"""The words of the regulation in Kyrgyz, and their translations into Russian and English.

Kyrgyz is letter for letter what was approved; only spacing is repaired. ` – • ` starts an item of a list.
"""

from typing import NamedTuple


class Words(NamedTuple):
    """The same words in Kyrgyz, Russian and English."""

    ky: str
    ru: str
    en: str


WORDINGS: dict[str, Words] = {
    "1.1": Words(
        ky="""Мектеп тарабынан МКТны пайдалануу жөнүндө жобо КР "Билим берүү жөнүндө" Мыйзамына ылайык иштелип
        чыккан.""",
        ru="""Положение об использовании школой ИКТ разработано в соответствии с Законом КР «Об образовании».""",
        en="""The Regulation on the school's use of ICT has been drawn up in accordance with the Law of the Kyrgyz
        Republic "On Education".""",
    ),
    "1.2": Words(
        ky="""Ушул жобо мектептеги МКТны колдонуунун шарттарын жана тартибин аныктайт.""",
        ru="""Настоящее положение определяет условия и порядок использования ИКТ в школе.""",
        en="""This Regulation determines the conditions and the order of the use of ICT at the school.""",
    ),
    "1.3": Words(
        ky="""Мектеп администрациясы МКТ менен иштөөнү уюштурууга жооптуу адамды дайындайт.""",
        ru="""Администрация школы назначает лицо, ответственное за организацию работы с ИКТ.""",
        en="""The school administration appoints a person responsible for organising work with ICT.""",
    ),
    "2.1": Words(
        ky="""Тарбиялык процессте МКТнын мүмкүнчүлүктөрүн пайдалануу маселелери жана интернетти колдонуу графиги
        аппараттык кеңешмеде каралат.""",
        ru="""Вопросы использования возможностей ИКТ в воспитательном процессе и график пользования интернетом
        рассматриваются на аппаратном совещании.""",
        en="""Questions of using the possibilities of ICT in the educational process, and the schedule of internet
        use, are considered at the staff meeting.""",
    ),
    "2.2": Words(
        ky="""График интернеттеги ишти уюштурууга жооптуу адам тарабынан мугалимдер менен биргеликте өз алдынча же
        тышкы эксперттерди тартуу менен иштелип чыгат, ал төмөнкүлөр болушу мүмкүн:
        – • билим берүү процессинде МКТны колдонуу тажрыйбасы бар башка мектептин мугалимдери;
        – • маалыматтык технологиялар жаатындагы адистер;
        – • билим берүү органдарынын өкүлдөрү;
        – • окуучулардын ата-энелери;""",
        ru="""График разрабатывается лицом, ответственным за организацию работы в интернете, совместно с учителями,
        самостоятельно или с привлечением внешних экспертов, которыми могут быть:
        – • учителя других школ, имеющие опыт использования ИКТ в образовательном процессе;
        – • специалисты в области информационных технологий;
        – • представители органов образования;
        – • родители учащихся.""",
        en="""The schedule is worked out by the person responsible for organising work on the internet together with
        the teachers, independently or with the help of outside experts, who may be:
        – • teachers of other schools with experience of using ICT in the educational process;
        – • specialists in information technology;
        – • representatives of the education authorities;
        – • parents of students.""",
    ),
    "2.3": Words(
        ky="""Графикти иштеп чыгууда төмөнкүлөрдү жетекчиликке алуу керек:
        – • КР мыйзамдары;
        – • маалыматтык технологияларды жана интернеттин мүмкүнчүлүктөрүн пайдалануу менен окуу процессин максатка
        ылайыктуу жана натыйжалуу уюштуруу тажрыйбасы;
        – • окуучулардын кызыкчылыктары;
        – • билим берүү процессинин максаттары.""",
        ru="""При разработке графика следует руководствоваться:
        – • законодательством КР;
        – • опытом целесообразной и эффективной организации учебного процесса с использованием информационных
        технологий и возможностей интернета;
        – • интересами учащихся;
        – • целями образовательного процесса.""",
        en="""In working out the schedule the following shall serve as guidance:
        – • the legislation of the Kyrgyz Republic;
        – • experience of organising teaching purposefully and effectively with information technology and the
        possibilities of the internet;
        – • the interests of the students;
        – • the aims of the educational process.""",
    ),
    "2.4": Words(
        ky="""Окуу жылынын жүгүртмөсүн бекитүү жана ишке ашыруу жергиликтүү ченемдик укуктук актыларын кабыл алуу
        тартибине ылайык жүргүзүлөт.""",
        ru="""Утверждение и введение в действие графика на учебный год осуществляются в порядке принятия локальных
        нормативных правовых актов.""",
        en="""The schedule of the school year is approved and put into effect by the procedure for adopting local
        normative legal acts.""",
    ),
    "2.5": Words(
        ky="""Интернет оператору натыйжалуу жана коопсуз интернетке кирүүнү камсыз кылуу, ошондой эле ушул эрежелерди
        аткаруу үчүн жооп берет.
        Окуу процессинин катышуучуларынын интернетке жүгүртмө боюнча жеткиликтүүлүгүн камсыз кылуу үчүн, мектептин
        директору өзүнүн буйругу менен интернет ресурстарына жеткиликтүүлүктү камсыз кылуу жана тармакта иштин
        коопсуздугун көзөмөлдөө үчүн жооптуу адамды дайындайт, жабдылган бөлмөлөрдү аныктайт жеткиликтүүлүктү
        уюштуруу үчүн""",
        ru="""Оператор интернета отвечает за обеспечение эффективного и безопасного доступа в интернет, а также за
        выполнение настоящих правил. Для обеспечения доступа участников учебного процесса в интернет по графику
        директор школы своим приказом назначает лицо, ответственное за обеспечение доступа к ресурсам интернета и
        контроль безопасности работы в сети, и определяет оборудованные помещения для организации доступа.""",
        en="""The internet operator answers for effective and safe access to the internet and for these rules being
        carried out. So that participants in the educational process have access to the internet by the schedule, the
        director of the school by order appoints the person responsible for providing access to internet resources and
        for watching over the safety of work in the network, and determines the equipped rooms in which access is
        organised.""",
    ),
    "2.6": Words(
        ky="""Мектептин усулдук кеңеши:
        – • билим берүү органдарынын сунуштарын эске алуу менен колдонуучулардын ар кандай категориялары үчүн айрым
        ресурстарга жана (же) интернет ресурстарынын категорияларына кирүүгө уруксат берүү / бөгөт коюу жөнүндө чечим
        кабыл алат;
        – • интернет ресурстарында жарыяланган маалыматтын мүнөзүн жана көлөмүн аныктайт;
        – • мектептин директоруна интернет ресурстарына жеткиликтүүлүктү камсыз кылуу жана интернеттин коопсуздугун
        көзөмөлдөө үчүн жооптуу адамдарды өз милдеттерин аткаруудан дайындоо жана бошотуу боюнча сунуштарды
        берет;""",
        ru="""Методический совет школы:
        – • с учётом предложений органов образования принимает решения о разрешении или блокировании доступа к
        отдельным ресурсам и (или) категориям ресурсов интернета для различных категорий пользователей;
        – • определяет характер и объём информации, публикуемой на интернет-ресурсах;
        – • вносит директору школы предложения о назначении и освобождении от исполнения обязанностей лиц,
        ответственных за обеспечение доступа к ресурсам интернета и контроль безопасности работы в интернете.""",
        en="""The methodological council of the school:
        – • taking account of the proposals of the education authorities, decides on allowing or blocking access to
        particular resources and (or) categories of internet resources for the various categories of users;
        – • determines the nature and the volume of the information published on internet resources;
        – • proposes to the director of the school whom to appoint to, and release from, the duties of persons
        responsible for providing access to internet resources and for watching over safety on the internet.""",
    ),
    "2.7": Words(
        ky="""Окуучулардын интернетке чыгуусунда жооптуу адам:
        – • окуучулардын компьютерди жана интернетти колдонушун көзөмөлдөйт;
        – • билим берүү процессине тиешеси жок ресурстарга жетүүгө жол бербөө боюнча чараларды көрөт;
        – • класс жетекчисине окуучунун билим берүү процессине тиешеси жок ресурстарга жетүү үчүн атайылап жасаган
        аракеттери жөнүндө маалымдайт""",
        ru="""Во время доступа учащихся в интернет ответственное лицо:
        – • наблюдает за использованием учащимися компьютера и интернета;
        – • принимает меры по недопущению доступа к ресурсам, не имеющим отношения к образовательному процессу;
        – • сообщает классному руководителю о преднамеренных попытках учащегося получить доступ к ресурсам, не имеющим
        отношения к образовательному процессу.""",
        en="""While students are on the internet, the responsible person:
        – • watches the students' use of the computer and the internet;
        – • takes measures to prevent access to resources that have no bearing on the educational process;
        – • informs the class teacher of a student's deliberate attempts to reach resources that have no bearing on the
        educational process.""",
    ),
    "2.8": Words(
        ky="""Окуу программасынын алкагында сабактарды жана башка иш-чараларды өткөрүүдө, сабакты өткөргөн мугалим
        интернет ресурстарын жеткиликтүүлүктү камсыз кылуу жана тармактын коопсуздугун көзөмөлдөө үчүн жооп
        берет.""",
        ru="""При проведении уроков и других мероприятий в рамках учебной программы за обеспечение доступа к ресурсам
        интернета и контроль безопасности в сети отвечает учитель, проводящий занятие.""",
        en="""In lessons and other events within the curriculum, the teacher who conducts the lesson answers for
        providing access to internet resources and for watching over safety in the network.""",
    ),
    "2.9": Words(
        ky="""Окуучулардын жооптуу мугалимдин же анын милдетин аткарган адамдын көзөмөлсүз интернетке кирүүгө жол
        берилбейт.""",
        ru="""Доступ учащихся в интернет без наблюдения ответственного учителя или лица, исполняющего его обязанности,
        не допускается.""",
        en="""Students are not permitted to use the internet without the supervision of the responsible teacher or of
        the person who carries out that teacher's duties.""",
    ),
    "2.10": Words(
        ky="""Мугалимдер тарабынан интернетке кирүүнү жеткиликтүүлүктү ишке ашыруу, камсыз кылуу жана тармакта иштөөнүн
        коопсуздугун көзөмөлдөө үчүн жооптуу адамдын катышуусуз ишке ашат.""",
        ru="""Доступ учителей в интернет осуществляется без участия лица, ответственного за обеспечение доступа и
        контроль безопасности работы в сети.""",
        en="""Teachers use the internet without the participation of the person responsible for providing access and
        for watching over the safety of work in the network.""",
    ),
    "2.11": Words(
        ky="""МКТны мектепте колдонууда окуучуларга, мугалимдерге КР мыйзамдарына карама-каршы келбеген жана билим берүү
        процесси менен түздөн-түз байланышкан ресурстарга гана мүмкүнчүлүк берилет. Мындай талаптын аткарылышын
        текшерүү атайын техникалык каражаттарды жана ыйгарым укуктуу мекемеде орнотулган же байланыш кызматы оператору
        тарабынан берилген контентти чыпкалоочу программаны колдонуу менен жүргүзүлөт.""",
        ru="""При использовании ИКТ в школе учащимся и учителям предоставляется доступ только к ресурсам, которые не
        противоречат законодательству КР и непосредственно связаны с образовательным процессом. Выполнение этого
        требования проверяется с помощью специальных технических средств и программ контентной фильтрации,
        установленных в уполномоченном учреждении или предоставленных оператором услуг связи.""",
        en="""In the use of ICT at the school, students and teachers are given access only to resources that do not
        conflict with the legislation of the Kyrgyz Republic and that bear directly on the educational process. That
        this requirement is met is checked by special technical means and content-filtering software installed at the
        authorised institution or supplied by the communications operator.""",
    ),
    "2.12": Words(
        ky="""Байланыштагы интернетти колдонуучулар техникалык ресурстардын тез-тез жаңыланып турушунан улам, интернет
        булактарын толук чыпкалап бере албай тургандыгын эске алышы керек. Ушуга байланыштуу, окуучулардын окуу
        процесси менен байланышпаган жана алардын мазмунуна карама-каршы келген ресурстарды табуу ыктымалдыгы бар""",
        ru="""Пользователи интернета должны учитывать, что из-за частого обновления технических ресурсов полная
        фильтрация источников в интернете невозможна. В связи с этим существует вероятность того, что учащиеся
        обнаружат ресурсы, не связанные с образовательным процессом и противоречащие ему по содержанию.""",
        en="""Users of the internet must bear in mind that, because technical resources are renewed so often, internet
        sources cannot be filtered completely. It is therefore possible that students come upon resources that are
        unconnected with the educational process and whose content conflicts with it.""",
    ),
    "2.13": Words(
        ky="""Айрым ресурстарды жана (же) ресурстардын категорияларын тиешелүү топторго өткөрүп берүү, техникалык жактан
        коргоо каражаттары жана контентти чыпкалоочу программалык камсыздоо менен жөнгө салынат, бул ТООдо кабыл
        алынган жобого ылайык, анын жетекчиси тарабынан дайындалган кызматкер тарабынан камсыз кылынат.""",
        ru="""Отнесение отдельных ресурсов и (или) категорий ресурсов к соответствующим группам, регулируемое
        техническими средствами защиты и программным обеспечением контентной фильтрации, обеспечивает сотрудник,
        назначенный руководителем общеобразовательного учреждения, в соответствии с принятым в нём положением.""",
        en="""The assignment of particular resources and (or) categories of resources to the appropriate groups, which
        is regulated by technical means of protection and content-filtering software, is carried out by an employee
        appointed by the head of the general-education institution, in accordance with the rules adopted there.""",
    ),
    "2.14": Words(
        ky="""Интернет-ресурстарда маалыматты жайгаштыруу принциптери төмөнкүлөрдү камсыз кылуу үчүн иштелип чыккан:
        – • окуучулардын, мугалимдердин жана кызматкерлердин жеке маалыматтарын коргоо;
        – • маалыматтын ишенимдүүлүгү жана тууралыгы;""",
        ru="""Принципы размещения информации на интернет-ресурсах призваны обеспечивать:
        – • защиту персональных данных учащихся, учителей и сотрудников;
        – • достоверность и корректность информации.""",
        en="""The principles for placing information on internet resources are designed to secure:
        – • protection of the personal data of students, teachers and staff;
        – • reliability and correctness of the information.""",
    ),
    "2.15": Words(
        ky="""Окуучулардын жеке маалыматтары (фамилиясы, аты, окуган классы / жылы, жашы, сүрөтү, жашаган жери жөнүндө
        маалыматтар, телефон номерлери жана башка жеке маалыматтарды камтыган). Окуучулардын, алардын ата-энелеринин же
        окуучулардын башка мыйзамдуу өкүлдөрүнүн жазуу жүзүндөгү макулдугу менен гана интернетке жооптуу адам тарабынан
        интернет булактарында жайгаштырылышы мүмкүн. Мектеп администрациясынын жана мугалимдеринин жеке маалыматтары
        анын интернет ресурстарында жеке маалыматтары жайгаштырылган адамдын жазуу жүзүндөгү макулдугу менен гана
        жайгаштырылат.""",
        ru="""Персональные данные учащихся (включая фамилию, имя, класс / год обучения, возраст, фотографию, сведения о
        месте жительства, номера телефонов и иные персональные данные) могут размещаться на интернет-ресурсах лицом,
        ответственным за интернет, только с письменного согласия учащихся, их родителей или иных законных
        представителей. Персональные данные администрации и учителей школы размещаются на её интернет-ресурсах только с
        письменного согласия лица, чьи данные размещаются.""",
        en="""Personal data of students (including surname, name, class or year, age, photograph, place of residence,
        telephone numbers and other personal data) may be placed on internet resources by the internet-responsible
        person only with the written consent of the students, their parents or other legal representatives. Personal
        data of the school's administration and teachers are placed on its internet resources only with the written
        consent of the person whose data are placed.""",
    ),
    "2.16": Words(
        ky="""Веб-сайтка жайгаштырылган иш-чаралар жөнүндө маалыматтык билдирүүлөрдө окуучунун фамилиясы жана аты же
        мугалимдин, кызматкердин же ата-эненин фамилиясы, аты жана атасынын аты көрсөтүлгөн адамдардын же алардын
        мыйзамдуу өкүлдөрүнүн макулдугу менен гана көрсөтүлүшү мүмкүн.""",
        ru="""В информационных сообщениях о мероприятиях, размещаемых на веб-сайте, фамилия и имя учащегося либо
        фамилия, имя и отчество учителя, сотрудника или родителя могут указываться только с согласия названных лиц или
        их законных представителей.""",
        en="""In news of events placed on the website, the surname and name of a student, or the surname, name and
        patronymic of a teacher, employee or parent, may be given only with the consent of the persons named or of
        their legal representatives.""",
    ),
    "2.17": Words(
        ky="""Жеке маалыматтарды жайгаштырууга макулдук алгандан кийин, интернетке жооптуу мугалим аларды жарыялоонун
        мүмкүн болгон тобокелдиктерин жана кесепеттерин түшүндүрүп берүүгө милдеттүү. Эгерде жеке маалыматтарды
        жарыялоого адамдын (анын мыйзамдуу өкүлүнүн) жазуу жүзүндө макулдугу алынган болсо, интернетке жооптуу мугалим
        мындай кесепеттер үчүн жооптуу эмес.""",
        ru="""При получении согласия на размещение персональных данных учитель, ответственный за интернет, обязан
        разъяснить возможные риски и последствия их опубликования. Если письменное согласие лица (его законного
        представителя) на опубликование персональных данных получено, учитель, ответственный за интернет, за такие
        последствия ответственности не несёт.""",
        en="""On receiving consent to place personal data, the internet-responsible teacher must explain the possible
        risks and consequences of their publication. Where the written consent of the person (or of that person's legal
        representative) to publish personal data has been received, the internet-responsible teacher is not answerable
        for such consequences.""",
    ),
    "3.1": Words(
        ky="""МКТны пайдалануу, эреже катары, билим берүү процессинин максаттары үчүн жүзөгө ашырылат. Акы төлөнүүчү,
        мисалы, маалыматтык кызматтарды көрсөтүү үчүн, анын ичинде кыйыр түрдө интернетке кирүүгө жол берилбейт.""",
        ru="""ИКТ используются, как правило, в целях образовательного процесса. Доступ в интернет на платной основе,
        например для оказания информационных услуг, в том числе косвенно, не допускается.""",
        en="""ICT is used, as a rule, for the aims of the educational process. Access to the internet for payment, for
        example to provide information services, including indirectly, is not permitted.""",
    ),
    "3.2": Words(
        ky="""Интернет ресурстарына жеткиликтүүлүктү камсыз кылуу жана тармакта иштөөнүн коопсуздугун көзөмөлдөө үчүн
        жооптуу адамдын уруксаты менен, эгер техникалык мүмкүнчүлүк болсо, мугалимдер, башка кызматкерлер жана окуучулар
        төмөнкүлөргө укуктуу:
        – • өзүлөрүнүн маалыматтарын интернетке, интернет ресурстарына жайгаштырууга;
        – • интернет-ресурстарында электрондук почтаны каптоого алууга""",
        ru="""С разрешения лица, ответственного за обеспечение доступа к ресурсам интернета и контроль безопасности
        работы в сети, при наличии технической возможности учителя, другие сотрудники и учащиеся вправе:
        – • размещать собственную информацию в интернете, на интернет-ресурсах;
        – • иметь учётную запись электронной почты на интернет-ресурсах.""",
        en="""With the permission of the person responsible for providing access to internet resources and for watching
        over the safety of work in the network, and where technically possible, teachers, other staff and students have
        the right:
        – • to place their own information on the internet, on internet resources;
        – • to have an e-mail account on internet resources.""",
    ),
    "3.3": Words(
        ky="""Окуучуларга төмөнкүлөргө тыюу салынат:
        – • мазмунуна жана темаларына жаны жете электерге жол берилбеген жана / же КР мыйзамдарын бузган ресурстарга
        (порнография, зомбулукту, терроризмди, саясий же диний экстремизмди, этникалык, расалык ж.б.у.с. пикир
        келишпестиктерди, башка ресурстарды) окшош багыт);
        – • МКТны аркылуу ар кандай операцияларды жүргүзүүгө;
        – • Интернетке кирүүгө жооптуу адамдын уруксатысыз мультимедиялык файлдарды жана программаларды компьютерге
        жүктөөгө;
        – • кемсинтүүчү, чындыкка дал келбеген, беделин түшүргөн маалыматтарды же башка адамдарга карата коркутууларды
        жайылтууга.""",
        ru="""Учащимся запрещается:
        – • обращаться к ресурсам, содержание и тематика которых недопустимы для несовершеннолетних и (или) нарушают
        законодательство КР (порнография, насилие, терроризм, политический или религиозный экстремизм, этническая,
        расовая и тому подобная рознь, иные ресурсы схожей направленности);
        – • осуществлять любые сделки посредством ИКТ;
        – • загружать на компьютер мультимедийные файлы и программы без разрешения лица, ответственного за доступ в
        интернет;
        – • распространять оскорбительную, не соответствующую действительности, порочащую информацию либо угрозы в адрес
        других лиц.""",
        en="""Students are forbidden:
        – • to visit resources whose content and themes are not permitted for minors and (or) break the legislation of
        the Kyrgyz Republic (pornography, violence, terrorism, political or religious extremism, ethnic, racial and
        similar hatred, and other resources of a like kind);
        – • to carry out any transactions by means of ICT;
        – • to download multimedia files and programs to a computer without the permission of the person responsible for
        internet access;
        – • to spread insulting, untrue or defamatory information or threats against other persons.""",
    ),
    "3.4": Words(
        ky="""Мазмуну КР мыйзамдарына каршы келген, окутуу жана билим берүү максаттарына каршы келген же чагымчыл же
        кемсинтүүчү мүнөздөгү ресурс кокустан табылса, колдонуучу жооптуу мугалимге токтоосуз маалымат берүүгө
        милдеттүү.""",
        ru="""При случайном обнаружении ресурса, содержание которого противоречит законодательству КР, целям обучения и
        образования либо носит провокационный или оскорбительный характер, пользователь обязан незамедлительно сообщить
        об этом ответственному учителю.""",
        en="""A user who by accident comes upon a resource whose content conflicts with the legislation of the Kyrgyz
        Republic or with the aims of teaching and education, or is of a provocative or insulting nature, must inform
        the responsible teacher without delay.""",
    ),
}
"""What each clause says."""


DUTIES: dict[str, Words] = {
    "1.1": Words(
        ky="Мектеп жобону мыйзамга ылайык кармайт.",
        ru="Школа держит положение в соответствии с законом.",
        en="The school keeps the regulation in accordance with the law.",
    ),
    "1.2": Words(
        ky="Мектепте МКТны колдонгондордун баары ушул жобону сактайт.",
        ru="Все, кто пользуется ИКТ в школе, соблюдают положение.",
        en="Everyone who uses ICT at the school keeps to the regulation.",
    ),
    "1.3": Words(
        ky="Администрация МКТ үчүн жооптуу адамды дайындайт.",
        ru="Администрация назначает ответственного за ИКТ.",
        en="The administration appoints the person responsible for ICT.",
    ),
    "2.1": Words(
        ky="Аппараттык кеңешме графикти карайт.",
        ru="Аппаратное совещание рассматривает график.",
        en="The staff meeting considers the schedule.",
    ),
    "2.2": Words(
        ky="Жооптуу адам мугалимдер менен бирге графикти иштеп чыгат.",
        ru="Ответственное лицо вместе с учителями разрабатывает график.",
        en="The responsible person works out the schedule together with the teachers.",
    ),
    "2.3": Words(
        ky="Графикти түзгөндөр мыйзамды, тажрыйбаны, окуучулардын кызыкчылыгын жана окутуунун максатын эске алат.",
        ru="Составители графика учитывают закон, опыт, интересы учащихся и цели обучения.",
        en="Whoever draws up the schedule heeds the law, experience, students' interests and the aims of teaching.",
    ),
    "2.4": Words(
        ky="Окуучулар интернетке бекитилген график боюнча гана кирет.",
        ru="Учащиеся пользуются интернетом только по утверждённому графику.",
        en="Students use the internet only by the approved schedule.",
    ),
    "2.5": Words(
        ky="Директор буйрук менен жооптуу адамды жана жабдылган бөлмөлөрдү аныктайт.",
        ru="Директор приказом определяет ответственное лицо и оборудованные помещения.",
        en="The director by order names the responsible person and the equipped rooms.",
    ),
    "2.6": Words(
        ky="Усулдук кеңеш ресурстарга уруксат берүү же бөгөт коюу жөнүндө чечим кабыл алат.",
        ru="Методический совет решает, какие ресурсы разрешить, а какие закрыть.",
        en="The methodological council decides which resources are allowed and which are denied.",
    ),
    "2.7": Words(
        ky="Жооптуу адам окуучуларды көзөмөлдөйт, чара көрөт жана класс жетекчисине кабарлайт.",
        ru="Ответственное лицо наблюдает, принимает меры и сообщает классному руководителю.",
        en="The responsible person watches, takes measures and informs the class teacher.",
    ),
    "2.8": Words(
        ky="Сабакты өткөргөн мугалим жеткиликтүүлүк жана коопсуздук үчүн жооп берет.",
        ru="Учитель, проводящий урок, отвечает за доступ и безопасность.",
        en="The teacher who conducts the lesson answers for access and safety.",
    ),
    "2.9": Words(
        ky="Окуучу жооптуу мугалимдин көзөмөлүсүз интернетке кирбейт.",
        ru="Учащийся не выходит в интернет без наблюдения ответственного учителя.",
        en="No student is on the internet without a responsible teacher watching.",
    ),
    "2.10": Words(
        ky="Мугалим интернетке өз атынан кирип, өзү жооп берет.",
        ru="Учитель входит в интернет под своим именем и отвечает сам.",
        en="A teacher signs in by name and uses the internet without a supervisor.",
    ),
    "2.11": Words(
        ky="Мектеп мыйзамга каршы келбеген жана окуу процессине тиешелүү ресурстарды гана ачат.",
        ru="Школа открывает только законные ресурсы, связанные с обучением.",
        en="The school opens only lawful resources that bear on the educational process.",
    ),
    "2.12": Words(
        ky="Колдонуучулар чыпка толук эмес экенин билет.",
        ru="Пользователи знают, что фильтр не бывает полным.",
        en="Users know that no filter is complete.",
    ),
    "2.13": Words(
        ky="Дайындалган кызматкер ресурстарды топторго бөлөт.",
        ru="Назначенный сотрудник относит ресурсы к категориям.",
        en="The appointed employee assigns resources to categories.",
    ),
    "2.14": Words(
        ky="Жарыялаган адам жеке маалыматты коргойт жана тууралыгын текшерет.",
        ru="Публикующий защищает персональные данные и проверяет достоверность.",
        en="Whoever publishes protects personal data and checks the facts.",
    ),
    "2.15": Words(
        ky="Интернетке жооптуу адам жеке маалыматты жазуу жүзүндөгү макулдук менен гана жайгаштырат.",
        ru="Ответственный за интернет размещает персональные данные только с письменного согласия.",
        en="The internet-responsible person places personal data only with written consent.",
    ),
    "2.16": Words(
        ky="Жаңылыкта адамдын аты анын макулдугу менен гана көрсөтүлөт.",
        ru="В новостях имя указывают только с согласия этого человека.",
        en="News names a person only with that person's consent.",
    ),
    "2.17": Words(
        ky="Интернетке жооптуу мугалим жарыялоонун тобокелдигин түшүндүрөт.",
        ru="Ответственный за интернет учитель разъясняет риски публикации.",
        en="The internet-responsible teacher explains the risks of publication.",
    ),
    "3.1": Words(
        ky="Колдонуучулар МКТны билим берүү үчүн колдонот, акы албайт.",
        ru="Пользователи применяют ИКТ для обучения и не берут платы.",
        en="Users use ICT for education and take no payment for it.",
    ),
    "3.2": Words(
        ky="Жеке почта жана өз маалыматын жайгаштыруу үчүн жооптуу адамдан уруксат алынат.",
        ru="На личную почту и размещение своей информации берут разрешение ответственного лица.",
        en="Personal e-mail and placing one's own information need the responsible person's permission.",
    ),
    "3.3": Words(
        ky="Окуучу тыюу салынган ресурстарга кирбейт, операция жүргүзбөйт, уруксатсыз жүктөбөйт, кемсинтпейт.",
        ru="Учащийся не посещает запрещённое, не совершает сделок, не скачивает без разрешения, не оскорбляет.",
        en="Students visit nothing forbidden, make no transactions, download nothing unpermitted, insult no one.",
    ),
    "3.4": Words(
        ky="Жараксыз ресурска кокус туш келген адам жооптуу мугалимге дароо кабарлайт.",
        ru="Случайно нашедший недопустимый ресурс сразу сообщает ответственному учителю.",
        en="Whoever comes upon an unsuitable resource by accident tells the responsible teacher at once.",
    ),
}
"""Who must do what, in a line."""
