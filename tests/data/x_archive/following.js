window.YTD.following.part0 = [
  {"following" : {"accountId" : "901", "userLink" : "https://twitter.com/intent/user?user_id=901"}},
  {"following" : {"accountId" : "902", "userLink" : "https://twitter.com/intent/user?user_id=902"}}
];
