"""Who works on a draft with the person responsible (2.2): contributors, invited experts, and what they say."""
