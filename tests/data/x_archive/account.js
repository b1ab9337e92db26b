window.YTD.account.part0 = [ {"account" : {"email" : "nobody@example.invalid", "username" : "halqa_owner", "accountId" : "900", "accountDisplayName" : "Halqa"}} ]
