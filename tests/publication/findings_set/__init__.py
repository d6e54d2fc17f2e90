"""The measured set: invented people, their names in every case, sentences, and what is to be found in them."""
