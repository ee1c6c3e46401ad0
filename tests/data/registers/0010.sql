BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'register','2026-11-29 23:01:49',1,X'231F54243938FBE3D0BCE16B93404529A8098E2062358095A5092FD0EE981290308CB4FCCD2D01D882EA7789067CBC2C',495810);
INSERT INTO "_sqlx_migrations" VALUES(2,'chain','2026-11-29 23:01:49',1,X'19A6F6D0252AFBD4ADC45CF4086F534E6B9831EBA2231CCCADFA31E97B7A75CF4B07BEB04874C3C011CC292094EEC883',548128);
INSERT INTO "_sqlx_migrations" VALUES(3,'edit_intent','2026-11-29 23:01:49',1,X'246C481D88886727C1DFFA81CA41D5AD9B5441F6BAC5099CFF0D2B8B8E8AFBB365491111F8C53D16C2EBFF154FBCC0B8',97124);
INSERT INTO "_sqlx_migrations" VALUES(4,'involvement','2026-11-29 23:01:49',1,X'63F65A8BF70FBF9AEC747842A708AEE6310AF3F33E7FA16EF59A2DFBE5DBFDD94F7DBB31F39D560609B46F73765C3303',89464);
INSERT INTO "_sqlx_migrations" VALUES(5,'issue','2026-11-29 23:01:49',1,X'375AE88E74A689917BBAF908088351B423C7C88ED7C0402CF13D31205D09D5AEBAE405BEF0AD95546A2A9DF68256CD12',84677);
INSERT INTO "_sqlx_migrations" VALUES(6,'citation','2026-11-29 23:01:49',1,X'B48BA5706C061B618F9D13D91888D4E5DEBCC1194ECC04B20703317A5C8245AF4832835377302D4971CC2849FA0C7E7B',120029);
INSERT INTO "_sqlx_migrations" VALUES(7,'place','2026-11-29 23:01:49',1,X'3221C54F3A03A87B639B0D5D2F672E870B5877F4DF8E317FBBAA1751DE0E72F484D02352650AF6BCCB0DA25B6671F748',98687);
INSERT INTO "_sqlx_migrations" VALUES(8,'order','2026-11-29 23:01:49',1,X'C540DB6692C4B8FC41E5DF15E26E8CE1D8790E3FFD76CA1B035BB69E7281D7BAB7CB006E7A7BE5911CB4C5F3754B23B4',474998);
INSERT INTO "_sqlx_migrations" VALUES(9,'home','2026-11-29 23:01:49',1,X'5EB1CC8C577C904DC6F4BA59260F0A537D9CF3B55C29FA288C0548C7A4FF1F1FF9F6E3DB1FB611D90CF38C3C2A494A1A',128452);
INSERT INTO "_sqlx_migrations" VALUES(10,'stamps','2026-11-29 23:01:49',1,X'3481001FE3E6FD50B98F7EBC03EF17D76CF8D58B9ACB94997A2DBF2A1183672F808822609E8D1EE1D70EE35F923FE091',484674);
CREATE TABLE account (
    tracker  TEXT   NOT NULL,
    account  TEXT   NOT NULL,
    since_ms BIGINT NOT NULL,
    data     TEXT   NOT NULL,
    PRIMARY KEY (tracker, account)
);
INSERT INTO "account" VALUES('github','acme-bot',1795993309992,'{"tracker":"github","account":"acme-bot","since":"2026-11-29T23:01:49.992112873Z"}');
INSERT INTO "account" VALUES('jira','5b10a2844c20165700ed1001',1795993309992,'{"tracker":"jira","account":"5b10a2844c20165700ed1001","since":"2026-11-29T23:01:49.992112873Z"}');
INSERT INTO "account" VALUES('jira-dc','acme-bot',1795993309992,'{"tracker":"jira-dc","account":"acme-bot","since":"2026-11-29T23:01:49.992112873Z"}');
CREATE TABLE chain (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL
);
INSERT INTO "chain" VALUES(1,18,'23fd39a6defd186a45ce6833f764d7dd78a279b2265b1a7fb072dd2909176469');
CREATE TABLE citation (
    finding TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    written TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, written)
);
CREATE TABLE cycle (
    id         TEXT PRIMARY KEY,
    started_ms BIGINT NOT NULL,
    data       TEXT   NOT NULL
, seq BIGINT NOT NULL DEFAULT 0);
INSERT INTO "cycle" VALUES('1a2298b1316-ddb81a7e',1795993309992,'{"id":"1a2298b1316-ddb81a7e","started":"2026-11-29T23:01:49.992052272Z","finished":"2026-11-29T23:01:50.005763553Z","configuration":"c0c12f4d172a0279567a47b0f52cd6b2d5c8cbeec64b2901835e2d6d3bf6a8c9","mapping":{"trackers":{"github":"github, 127.0.0.1:36679","jira":"jira-cloud, 127.0.0.1:45753","jira-dc":"jira-dc, 127.0.0.1:41495"},"rules":[{"name":"process","when":{"class":[],"kind":[],"route":["process","cross_org"],"work":[],"severity":[],"team":[],"labels":[],"postmortem":[],"source":[]},"then":{"register":{"group":"security-response"}}},{"name":"website","when":{"class":[],"kind":[],"route":[],"work":[],"severity":[],"team":["website"],"labels":[],"postmortem":[],"source":["strict"]},"then":{"create":{"tracker":"github","place":"acme/website","labels":[],"bug_type":null,"change_type":null,"fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"payments","when":{"class":["technical_lapse","manual_error","unknown_attack_vector"],"kind":[],"route":[],"work":[],"severity":["critical","high","medium"],"team":["payments"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"github","place":"acme/payments","labels":["security"],"bug_type":null,"change_type":null,"fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"platform","when":{"class":["technical_lapse","unknown_attack_vector"],"kind":[],"route":[],"work":[],"severity":[],"team":["platform"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"jira","place":"PLAT","labels":["security"],"bug_type":"Bug","change_type":"Story","fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"operations","when":{"class":[],"kind":[],"route":[],"work":[],"severity":[],"team":["operations"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"jira-dc","place":"OPS","labels":[],"bug_type":"Task","change_type":"Task","fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}}]},"trackers":{"github":{"read":"2026-11-29T23:01:49.984282067Z","error":null,"links":0,"unreadable":0,"paused_until":null},"jira":{"read":"2026-11-29T23:01:49.984426653Z","error":null,"links":0,"unreadable":0,"paused_until":null},"jira-dc":{"read":"2026-11-29T23:01:49.984687182Z","error":null,"links":0,"unreadable":0,"paused_until":null}},"sources":{"strict":{"documents":1,"unreadable":0,"empty":0,"candidates_only":0,"none_stated":0,"findings":2,"candidates":0}},"notes":[{"kind":"register","finding":"PM-1/F2","tracker":null,"issue":null,"why":"followed up with security-response"}],"diagnostics":[],"done":{"created":1}}',6);
INSERT INTO "cycle" VALUES('1a2298b1483-b0404b23',1795993310356,'{"id":"1a2298b1483-b0404b23","started":"2026-11-29T23:01:50.356579763Z","finished":"2026-11-29T23:01:50.366993082Z","configuration":"c0c12f4d172a0279567a47b0f52cd6b2d5c8cbeec64b2901835e2d6d3bf6a8c9","mapping":{"trackers":{"github":"github, 127.0.0.1:36679","jira":"jira-cloud, 127.0.0.1:45753","jira-dc":"jira-dc, 127.0.0.1:41495"},"rules":[{"name":"process","when":{"class":[],"kind":[],"route":["process","cross_org"],"work":[],"severity":[],"team":[],"labels":[],"postmortem":[],"source":[]},"then":{"register":{"group":"security-response"}}},{"name":"website","when":{"class":[],"kind":[],"route":[],"work":[],"severity":[],"team":["website"],"labels":[],"postmortem":[],"source":["strict"]},"then":{"create":{"tracker":"github","place":"acme/website","labels":[],"bug_type":null,"change_type":null,"fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"payments","when":{"class":["technical_lapse","manual_error","unknown_attack_vector"],"kind":[],"route":[],"work":[],"severity":["critical","high","medium"],"team":["payments"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"github","place":"acme/payments","labels":["security"],"bug_type":null,"change_type":null,"fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"platform","when":{"class":["technical_lapse","unknown_attack_vector"],"kind":[],"route":[],"work":[],"severity":[],"team":["platform"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"jira","place":"PLAT","labels":["security"],"bug_type":"Bug","change_type":"Story","fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"operations","when":{"class":[],"kind":[],"route":[],"work":[],"severity":[],"team":["operations"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"jira-dc","place":"OPS","labels":[],"bug_type":"Task","change_type":"Task","fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}}]},"trackers":{"github":{"read":"2026-11-29T23:01:50.350741280Z","error":null,"links":1,"unreadable":0,"paused_until":null},"jira":{"read":"2026-11-29T23:01:50.350904353Z","error":null,"links":0,"unreadable":0,"paused_until":null},"jira-dc":{"read":"2026-11-29T23:01:50.351306043Z","error":null,"links":0,"unreadable":0,"paused_until":null}},"sources":{"strict":{"documents":1,"unreadable":0,"empty":0,"candidates_only":0,"none_stated":0,"findings":2,"candidates":0}},"notes":[{"kind":"register","finding":"PM-1/F2","tracker":null,"issue":null,"why":"followed up with security-response"}],"diagnostics":[],"done":{"pulled":1}}',10);
INSERT INTO "cycle" VALUES('1a2298b152f-abbd70d9',1795993310528,'{"id":"1a2298b152f-abbd70d9","started":"2026-11-29T23:01:50.528175288Z","finished":"2026-11-29T23:01:50.529836206Z","configuration":"c0c12f4d172a0279567a47b0f52cd6b2d5c8cbeec64b2901835e2d6d3bf6a8c9","mapping":{"trackers":{"github":"github, 127.0.0.1:36679","jira":"jira-cloud, 127.0.0.1:45753","jira-dc":"jira-dc, 127.0.0.1:41495"},"rules":[{"name":"process","when":{"class":[],"kind":[],"route":["process","cross_org"],"work":[],"severity":[],"team":[],"labels":[],"postmortem":[],"source":[]},"then":{"register":{"group":"security-response"}}},{"name":"website","when":{"class":[],"kind":[],"route":[],"work":[],"severity":[],"team":["website"],"labels":[],"postmortem":[],"source":["strict"]},"then":{"create":{"tracker":"github","place":"acme/website","labels":[],"bug_type":null,"change_type":null,"fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"payments","when":{"class":["technical_lapse","manual_error","unknown_attack_vector"],"kind":[],"route":[],"work":[],"severity":["critical","high","medium"],"team":["payments"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"github","place":"acme/payments","labels":["security"],"bug_type":null,"change_type":null,"fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"platform","when":{"class":["technical_lapse","unknown_attack_vector"],"kind":[],"route":[],"work":[],"severity":[],"team":["platform"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"jira","place":"PLAT","labels":["security"],"bug_type":"Bug","change_type":"Story","fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}},{"name":"operations","when":{"class":[],"kind":[],"route":[],"work":[],"severity":[],"team":["operations"],"labels":[],"postmortem":[],"source":[]},"then":{"create":{"tracker":"jira-dc","place":"OPS","labels":[],"bug_type":"Task","change_type":"Task","fields":{},"max_tlp":"AMBER","above":"hold","title":null,"body":null,"owner_conflict":"tracker","status_conflict":"tracker"}}}]},"trackers":{"github":{"read":"2026-11-29T23:01:50.522694909Z","error":null,"links":1,"unreadable":0,"paused_until":null},"jira":{"read":"2026-11-29T23:01:50.523272571Z","error":null,"links":0,"unreadable":0,"paused_until":null},"jira-dc":{"read":"2026-11-29T23:01:50.523409496Z","error":null,"links":0,"unreadable":0,"paused_until":null}},"sources":{"strict":{"documents":1,"unreadable":0,"empty":0,"candidates_only":0,"none_stated":0,"findings":2,"candidates":0}},"notes":[{"kind":"register","finding":"PM-1/F2","tracker":null,"issue":null,"why":"followed up with security-response"}],"diagnostics":[],"done":{}}',14);
CREATE TABLE edit_intent (
    finding TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    host    TEXT   NOT NULL,
    issue   TEXT   NOT NULL,
    sent_ms BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, host, issue)
);
CREATE TABLE finding (
    key        TEXT PRIMARY KEY,
    postmortem TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    severity   TEXT   NOT NULL,
    due        TEXT,
    changed_ms BIGINT NOT NULL,
    data       TEXT   NOT NULL
, observed TEXT NOT NULL DEFAULT '{}');
INSERT INTO "finding" VALUES('PM-1/F1','PM-1','pending_verification','high','2026-12-24',1795993310342,'{"key":"PM-1/F1","allocated":false,"class":"technical_lapse","class_inferred":false,"work":"change_request","work_inferred":true,"route":"engineering","severity":"high","severity_assumed":false,"state":"pending_verification","owner":{"person":"ana"},"clock":{"anchor":"2026-11-24","anchor_kind":"published","due_original":"2026-12-24","due":"2026-12-24","extensions":[]},"claim":{"at":"2026-11-29T23:01:50.342433833Z","by":{"person":"ana"}},"resolution":null,"declined_upstream":false,"source_missing":false,"draft":false,"last_review":null,"rejections":0,"waiver":null,"dismissed":null,"pending_comment":null,"first_seen":"2026-11-29T23:01:49.976082311Z","changed":"2026-11-29T23:01:50.342433833Z","stated":{"postmortem":"PM-1","postmortem_derived":false,"postmortem_url":null,"source":"strict","path":"strict/a.yaml","line":9,"tlp":"AMBER","kind":"prevent","kind_inferred":true,"priority":null,"severity":"high","owner":"ana","team":"payments","due":null,"trackers":[],"target":null,"labels":[],"claimed":"none","reviewers":["eli"],"postmortem_title":"T PM-1","title":"Rotate the tokens","description":null,"criteria":null}}','{}');
INSERT INTO "finding" VALUES('PM-1/F2','PM-1','open','high','2026-12-19',1795993310458,'{"key":"PM-1/F2","allocated":false,"class":"process_flaw","class_inferred":false,"work":"change_request","work_inferred":true,"route":"process","severity":"high","severity_assumed":false,"state":"open","owner":{"person":"bo"},"clock":{"anchor":"2026-11-24","anchor_kind":"published","due_original":"2026-12-24","due":"2026-12-19","extensions":[{"due":"2026-12-19","reason":"the vendor is late","by":"eli","at":"2026-11-29T23:01:50.458284432Z"}]},"claim":null,"resolution":null,"declined_upstream":false,"source_missing":false,"draft":false,"last_review":null,"rejections":0,"waiver":null,"dismissed":null,"pending_comment":null,"first_seen":"2026-11-29T23:01:49.976082311Z","changed":"2026-11-29T23:01:50.458284432Z","stated":{"postmortem":"PM-1","postmortem_derived":false,"postmortem_url":null,"source":"strict","path":"strict/a.yaml","line":10,"tlp":"AMBER","kind":"process","kind_inferred":true,"priority":null,"severity":"high","owner":"chen","team":"platform","due":null,"trackers":[],"target":null,"labels":[],"claimed":"none","reviewers":["eli"],"postmortem_title":"T PM-1","title":"Write the runbook","description":null,"criteria":null}}','{}');
CREATE TABLE history (
    seq     INTEGER PRIMARY KEY,
    at_ms   BIGINT NOT NULL,
    cycle   TEXT   NOT NULL,
    event   TEXT   NOT NULL,
    finding TEXT,
    data    TEXT   NOT NULL,
    hash    TEXT   NOT NULL
);
INSERT INTO "history" VALUES(1,1795993309896,'','stamped',NULL,'{"at":"2026-11-29T23:01:49.896622436Z","cycle":"","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"0000000000000000000000000000000000000000000000000000000000000000","after":"e048dcf1cf080418978f81f3a1b391229cc6cb2008a2b566d077f248a5ee344c","why":"the register was founded","rows":[{"kind":"meta","key":["database"],"digest":"336137c955fc234ac4f0f06a14661eb22fc8dc73d175a38988eaf33b7cba462e"},{"kind":"meta","key":["founded"],"digest":"1ae33fe9c4fc63d27b0cc0155ce5be917e238fcbbee0fc0491332afc0dca9a7a"},{"kind":"meta","key":["instance"],"digest":"ac1eaf7c77840cf3068d8e8a45fecda3802b4ba49316b624ffa9c9418831f5a5"},{"kind":"meta","key":["marker_key"],"digest":"5ca455a9bfa504d1a817416bd230874281c2f1602c8a9468d4985c16929b9b16"}]}','23e505de2afa9efbc2e784f6574d3ec4c65f1ee74da50b061b396b538d90983a');
INSERT INTO "history" VALUES(2,1795993309992,'1a2298b1316-ddb81a7e','configuration_changed',NULL,'{"at":"2026-11-29T23:01:49.992052272Z","cycle":"1a2298b1316-ddb81a7e","event":"configuration_changed","finding":null,"issue":null,"actor":"worker","known_by":"worker","field":null,"before":null,"after":"c0c12f4d172a0279567a47b0f52cd6b2d5c8cbeec64b2901835e2d6d3bf6a8c9","why":"the text of the configuration differs from the last cycle''s; these are its SHA-256"}','7acb104361696f50a9a0818e896af5d588c24aa6864500c63296dc90d6771c45');
INSERT INTO "history" VALUES(3,1795993309992,'1a2298b1316-ddb81a7e','stamped',NULL,'{"at":"2026-11-29T23:01:49.992052272Z","cycle":"1a2298b1316-ddb81a7e","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"e048dcf1cf080418978f81f3a1b391229cc6cb2008a2b566d077f248a5ee344c","after":"106022fab593449a53e8c50bc05b0e3bd52663892d7516d8250ed4049a084bf5","why":"rows that were decided on: 3","rows":[{"kind":"account","key":["github","acme-bot"],"digest":"aeef75e534ad546d5e4bb0f382ae51e4770d9b4b06d4a83ca295741f785d72b3"},{"kind":"account","key":["jira","5b10a2844c20165700ed1001"],"digest":"c4fe3b0f670c94cf1119a03e6bca035fd7a6f43bcf2e75451ddefc2cf18ed877"},{"kind":"account","key":["jira-dc","acme-bot"],"digest":"3a2b81478d66c1f1689fdacedc0a6bc7fb060c50f6333affb2edc1b09b21891a"}]}','a492b98bdfe16b1ff51d887dc298b6e06db0064af538ebb40174aa9f2eab1273');
INSERT INTO "history" VALUES(4,1795993309976,'1a2298b1316-ddb81a7e','finding_entered','PM-1/F1','{"at":"2026-11-29T23:01:49.976082311Z","cycle":"1a2298b1316-ddb81a7e","event":"finding_entered","finding":"PM-1/F1","issue":null,"actor":"worker","known_by":"worker","field":null,"before":null,"after":"Rotate the tokens","why":"first seen in its document"}','a989546f0771d96be98b2b234f0473b5f22af9c8e962f31ee02a950f68efade6');
INSERT INTO "history" VALUES(5,1795993309976,'1a2298b1316-ddb81a7e','finding_entered','PM-1/F2','{"at":"2026-11-29T23:01:49.976082311Z","cycle":"1a2298b1316-ddb81a7e","event":"finding_entered","finding":"PM-1/F2","issue":null,"actor":"worker","known_by":"worker","field":null,"before":null,"after":"Write the runbook","why":"first seen in its document"}','3744e4a242e2c8871f0fed3def1a46b0775588c68cdaa36b925207eed8839c49');
INSERT INTO "history" VALUES(6,1795993309976,'1a2298b1316-ddb81a7e','stamped',NULL,'{"at":"2026-11-29T23:01:49.976082311Z","cycle":"1a2298b1316-ddb81a7e","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"106022fab593449a53e8c50bc05b0e3bd52663892d7516d8250ed4049a084bf5","after":"259e0bbe7081afc393ffc5bd327eda491ea898b94b46f5b402d2010d00f73de7","why":"rows that were decided on: 4","rows":[{"kind":"finding","key":["PM-1/F1"],"digest":"06e4235d588931f405a05c5dc2f7593f98dc59ac4fc0dc4691de33ae2d37c9da"},{"kind":"finding","key":["PM-1/F2"],"digest":"54c3953e89ad88f4653bbe4f5fbf9289e1831ecc7a1ec4a806bd70d0eadcdf72"},{"kind":"involvement","key":["PM-1/F1","0","owned","ana"],"digest":"a97b98b0d8f8a57027de147a29f0d041dccf72690a75e9badba8bdf2bb09ca9f"},{"kind":"involvement","key":["PM-1/F2","0","owned","chen"],"digest":"1e020051ff8e334c33b67d9565793d1326c1cda714239f507fdc709ce5853822"}]}','54a37083563dd57493f2347d6371abb73e11d9bac8cf893bbf1926341a7dbd71');
INSERT INTO "history" VALUES(7,1795993310000,'1a2298b1316-ddb81a7e','create_sent','PM-1/F1','{"at":"2026-11-29T23:01:50.000405858Z","cycle":"1a2298b1316-ddb81a7e","event":"create_sent","finding":"PM-1/F1","issue":null,"actor":"worker","known_by":"worker","field":null,"before":null,"after":"pm1-ppryn3h7ikicrrcfbnqgp66iqilji2k7 in acme/payments, attempt 1","why":"rule `payments`: it has no issue yet"}','e31543be7e37632db0e78a2445f4989d54cd87fdca657cac16d06da4a55739a0');
INSERT INTO "history" VALUES(8,1795993310000,'1a2298b1316-ddb81a7e','stamped',NULL,'{"at":"2026-11-29T23:01:50.000405858Z","cycle":"1a2298b1316-ddb81a7e","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"259e0bbe7081afc393ffc5bd327eda491ea898b94b46f5b402d2010d00f73de7","after":"92fc076b1e774bcb838f535adc5d9e9201e769f976e9d4f0c7054a1416aa6a48","why":"rows that were decided on: 1","rows":[{"kind":"intent","key":["PM-1/F1","github","acme/payments"],"digest":"37b17f5790656c21902167f9c71cf4be2e5b055d399297fccbf6dac87698aea8"}]}','7f65ca0b9fd37802bd9deb2eff214df010d8dac32b8f4e66ef0ebfb56ddd97f1');
INSERT INTO "history" VALUES(9,1795993310002,'1a2298b1316-ddb81a7e','issue_created','PM-1/F1','{"at":"2026-11-29T23:01:50.002831898Z","cycle":"1a2298b1316-ddb81a7e","event":"issue_created","finding":"PM-1/F1","issue":"acme/payments#1","actor":"worker","known_by":"worker","field":null,"before":null,"after":null,"why":"rule `payments`: it has no issue yet"}','310cc51b6b36df568d3c37e552670004a8883cbb49cf3b3de79bf312a374ee9e');
INSERT INTO "history" VALUES(10,1795993310002,'1a2298b1316-ddb81a7e','stamped',NULL,'{"at":"2026-11-29T23:01:50.002831898Z","cycle":"1a2298b1316-ddb81a7e","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"92fc076b1e774bcb838f535adc5d9e9201e769f976e9d4f0c7054a1416aa6a48","after":"ba2a29f71e2605fd1fde3ccf6a1f61c8e60852e4060a1f4f82569bec7b58a3ae","why":"rows that were decided on: 3","rows":[{"kind":"intent","key":["PM-1/F1","github","acme/payments"],"digest":null},{"kind":"link","key":["PM-1/F1","127.0.0.1:36679","2000000007"],"digest":"2073f33469ca1c9c7fb59d138e0489f2418cac8e474a4f623ba735dd2c70004a"},{"kind":"place","key":["github","acme/payments"],"digest":"47240b927e4652e70f754ce82cae17611f910f3c9aa0f0a91e8c1c0bc8a5a41b"}]}','a9c34bd9017cbf20323b58d2080bafd7baa54b56d36d8fac0e41ee5b3742914a');
INSERT INTO "history" VALUES(11,1795993310005,'1a2298b1316-ddb81a7e','stamped',NULL,'{"at":"2026-11-29T23:01:50.005763553Z","cycle":"1a2298b1316-ddb81a7e","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"ba2a29f71e2605fd1fde3ccf6a1f61c8e60852e4060a1f4f82569bec7b58a3ae","after":"f74032c9ee2cf84c90ecb8a4caa1009bf5a2a60b891220957bf536339f8ee7ff","why":"rows that were decided on: 1","rows":[{"kind":"place","key":["github","acme/payments"],"digest":"6c0a9d11f566e755104aca9ad9b2c2d32b22c036a8d16d8960caa69378faa0a9"}]}','33411cb0ff9fbdfdc9cd59bcaa04d90aabeb3b147d57972871718601f092db80');
INSERT INTO "history" VALUES(12,1795993310342,'1a2298b1483-b0404b23','finding_claimed','PM-1/F1','{"at":"2026-11-29T23:01:50.342433833Z","cycle":"1a2298b1483-b0404b23","event":"finding_claimed","finding":"PM-1/F1","issue":null,"actor":"tracker","known_by":{"tracker":{"tracker":"github","account":"ana"}},"field":"state","before":"open","after":"pending_verification","why":"claimed done by ana; a reviewer verifies it"}','9e821a402c6d664a274ed7b98e4e0ed7e1f1facdc2ab33500ab11fd03e224eb6');
INSERT INTO "history" VALUES(13,1795993310342,'1a2298b1483-b0404b23','status_pulled','PM-1/F1','{"at":"2026-11-29T23:01:50.342433833Z","cycle":"1a2298b1483-b0404b23","event":"status_pulled","finding":"PM-1/F1","issue":"acme/payments#1","actor":"tracker","known_by":{"tracker":{"tracker":"github","account":"ana"}},"field":"status","before":"open","after":"done","why":"the tracker says `closed (completed)`; the finding was open, is pending_verification"}','a62dd2f8623cd8f8427b9f456b0e46b676f96c2af0c26fa000281084bde1bf52');
INSERT INTO "history" VALUES(14,1795993310342,'1a2298b1483-b0404b23','stamped',NULL,'{"at":"2026-11-29T23:01:50.342433833Z","cycle":"1a2298b1483-b0404b23","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"f74032c9ee2cf84c90ecb8a4caa1009bf5a2a60b891220957bf536339f8ee7ff","after":"e7b27769dc6cfd0e43a1c8183f13010430df6fdc0cda45cbce7358315db72b09","why":"rows that were decided on: 3","rows":[{"kind":"finding","key":["PM-1/F1"],"digest":"c7b9472c6d317e0e121b4ffa247a719aa14c7b579e9acc9a70fb1fa3cf391897"},{"kind":"involvement","key":["PM-1/F1","0","claimed","ana"],"digest":"3a65168cfb88328b4285b4c2b4d42f38ae33d099c88b0b954bc022b32f32a0cb"},{"kind":"link","key":["PM-1/F1","127.0.0.1:36679","2000000007"],"digest":"41de15cf5134fcb234985f7abf7390989e9a5060a95e88527047879b0a2b8e63"}]}','ddacace424a807d7b78246a578fe3c48f2e2ba588c9bd3bc2cd3b7390e077624');
INSERT INTO "history" VALUES(15,1795993310416,'command','owner_assigned','PM-1/F2','{"at":"2026-11-29T23:01:50.416619758Z","cycle":"command","event":"owner_assigned","finding":"PM-1/F2","issue":null,"actor":"eli","known_by":{"shell":{"user":"eli","uid":0,"host":"worker-1"}},"field":"owner","before":"chen","after":"bo","why":"assigned by eli"}','3711fa8f225f54bcc5800969a562c37f84a86d7601001cb9f906084bb17cc338');
INSERT INTO "history" VALUES(16,1795993310416,'command','stamped',NULL,'{"at":"2026-11-29T23:01:50.416619758Z","cycle":"command","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"e7b27769dc6cfd0e43a1c8183f13010430df6fdc0cda45cbce7358315db72b09","after":"1b714e067ffb7e6f5c4b495a29dceee575d11db6b6fd437d113ec2cccede1c3d","why":"rows that were decided on: 2","rows":[{"kind":"finding","key":["PM-1/F2"],"digest":"4219a3440ad894952051ab87cdae39cdc3fe0c8e82439538b9bf1d9a9b109b18"},{"kind":"involvement","key":["PM-1/F2","0","owned","bo"],"digest":"ebba561747307e48ba09efee64c766393c05a137452e8d06228d1006d253ef34"}]}','ec9d7763b95e55221014bb918dd834a3ce6dd2f6a470f1475fc82bc93a5e03f8');
INSERT INTO "history" VALUES(17,1795993310458,'command','deadline_extended','PM-1/F2','{"at":"2026-11-29T23:01:50.458284432Z","cycle":"command","event":"deadline_extended","finding":"PM-1/F2","issue":null,"actor":"eli","known_by":{"shell":{"user":"eli","uid":0,"host":"worker-1"}},"field":"due","before":"2026-12-24","after":"2026-12-19","why":"the vendor is late"}','be406751c8adf34af059b13e5ce1571b1d3e900337736fcbb637f004de5c46ef');
INSERT INTO "history" VALUES(18,1795993310458,'command','stamped',NULL,'{"at":"2026-11-29T23:01:50.458284432Z","cycle":"command","event":"stamped","finding":null,"issue":null,"actor":"register","field":null,"before":"1b714e067ffb7e6f5c4b495a29dceee575d11db6b6fd437d113ec2cccede1c3d","after":"e7f64fbcb1ed3d67df8e71a0722388ac51ec63e4d6ce9c6a7298b67a1019c8c0","why":"rows that were decided on: 1","rows":[{"kind":"finding","key":["PM-1/F2"],"digest":"dfe0716694b376a8f219b4d6a2ce99e87614ca0eb2ee78bc5b85e867a5e87023"}]}','23fd39a6defd186a45ce6833f764d7dd78a279b2265b1a7fb072dd2909176469');
CREATE TABLE home (
    id         BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    path       TEXT   NOT NULL,
    inode      TEXT   NOT NULL,
    filesystem TEXT   NOT NULL
);
CREATE TABLE intent (
    finding TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    tracker TEXT   NOT NULL,
    place   TEXT   NOT NULL,
    epoch   BIGINT NOT NULL,
    sent_ms BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, tracker, place)
);
CREATE TABLE involvement (
    finding TEXT   NOT NULL,
    episode BIGINT NOT NULL,
    part    TEXT   NOT NULL,
    party   TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, episode, part, party)
);
INSERT INTO "involvement" VALUES('PM-1/F1',0,'owned','ana',5,1795993309976,'{"finding":"PM-1/F1","episode":0,"part":"owned","party":{"person":"ana"},"at":"2026-11-29T23:01:49.976082311Z"}');
INSERT INTO "involvement" VALUES('PM-1/F2',0,'owned','chen',5,1795993309976,'{"finding":"PM-1/F2","episode":0,"part":"owned","party":{"person":"chen"},"at":"2026-11-29T23:01:49.976082311Z"}');
INSERT INTO "involvement" VALUES('PM-1/F1',0,'claimed','ana',13,1795993310342,'{"finding":"PM-1/F1","episode":0,"part":"claimed","party":{"person":"ana"},"at":"2026-11-29T23:01:50.342433833Z"}');
INSERT INTO "involvement" VALUES('PM-1/F2',0,'owned','bo',15,1795993310416,'{"finding":"PM-1/F2","episode":0,"part":"owned","party":{"person":"bo"},"at":"2026-11-29T23:01:50.416619758Z"}');
CREATE TABLE issue (
    host       TEXT   NOT NULL,
    issue      TEXT   NOT NULL,
    updated_ms BIGINT NOT NULL,
    data       TEXT   NOT NULL,
    PRIMARY KEY (host, issue)
);
INSERT INTO "issue" VALUES('127.0.0.1:36679','2000000007',1795993310000,'{"issue":{"host":"127.0.0.1:36679","id":"2000000007"},"updated":"2026-11-29T23:01:50Z","closer":"ana"}');
CREATE TABLE lease (
    id      BIGINT PRIMARY KEY CHECK (id = 1),
    epoch   BIGINT NOT NULL,
    holder  TEXT   NOT NULL,
    version BIGINT NOT NULL
);
INSERT INTO "lease" VALUES(1,5,'pid 21529 on worker-1',14);
CREATE TABLE link (
    finding     TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    host        TEXT   NOT NULL,
    issue       TEXT   NOT NULL,
    tracker     TEXT   NOT NULL,
    destination TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    since_ms    BIGINT NOT NULL,
    data        TEXT   NOT NULL, seq BIGINT NOT NULL DEFAULT 0, observed TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (finding, host, issue)
);
INSERT INTO "link" VALUES('PM-1/F1','127.0.0.1:36679','2000000007','github','acme/payments','created',1795993310002,'{"finding":"PM-1/F1","tracker":"github","issue":{"id":{"host":"127.0.0.1:36679","id":"2000000007"},"node":"I_kwSB2000000007","key":"acme/payments#1","url":"http://127.0.0.1:36679/acme/payments/issues/1","place":"acme/payments","place_id":"500001"},"former_keys":[],"kind":"created","destination":"acme/payments","since":"2026-11-29T23:01:50.002812099Z","baseline":{"owner":{"finding":{"person":"ana"},"issue":{"person":"ana"}},"progress":{"finding":"done","issue":"done"}},"pushed":{"labels":["postmortem-sync","security"],"due":null,"block":"919f26305e0d209b2ce141c79ba64b297d2d5c04a3d986a6682c08f5397ae10e"}}',5,'{"refused":{},"seen":{"at":"2026-11-29T23:01:50.342433833Z","status_text":"closed (completed)","updated":"2026-11-29T23:01:50Z"},"absence":null}');
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO "meta" VALUES('database','3e59a3eef6c3b1410cdf70ab49c2489b');
INSERT INTO "meta" VALUES('instance','acme-security');
INSERT INTO "meta" VALUES('marker_key','19410bd9b65a84b66a5f1dc57080573745b2751be72cf0d66cb2ef0cce5ad313');
INSERT INTO "meta" VALUES('founded','2026-11-29T23:01:49.896622436+00:00');
CREATE TABLE pause (
    tracker  TEXT PRIMARY KEY,
    until_ms BIGINT NOT NULL,
    data     TEXT   NOT NULL
);
CREATE TABLE place (
    tracker TEXT NOT NULL,
    place   TEXT NOT NULL,
    data    TEXT NOT NULL, observed TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (tracker, place)
);
INSERT INTO "place" VALUES('github','acme/payments','{"tracker":"github","place":"acme/payments","host":"127.0.0.1:36679","id":"500001","since":"2026-11-29T23:01:49.976082311Z"}','{"swept":"2026-11-29T23:01:49.976082311Z"}');
CREATE TABLE sight (
    tracker TEXT NOT NULL,
    id      TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (tracker, id)
);
INSERT INTO "sight" VALUES('github','500001','{"tracker":"github","id":"500001","name":"acme/payments","facts":"a131d19f4bc777ee2ea77fb659c8f775112ea31e86758cee51e4ded04ac80534"}');
CREATE TABLE stamp (
    kind   TEXT   NOT NULL,
    key    TEXT   NOT NULL,
    seq    BIGINT NOT NULL,
    digest TEXT   NOT NULL,
    PRIMARY KEY (kind, key)
);
INSERT INTO "stamp" VALUES('meta','["database"]',1,'336137c955fc234ac4f0f06a14661eb22fc8dc73d175a38988eaf33b7cba462e');
INSERT INTO "stamp" VALUES('meta','["founded"]',1,'1ae33fe9c4fc63d27b0cc0155ce5be917e238fcbbee0fc0491332afc0dca9a7a');
INSERT INTO "stamp" VALUES('meta','["instance"]',1,'ac1eaf7c77840cf3068d8e8a45fecda3802b4ba49316b624ffa9c9418831f5a5');
INSERT INTO "stamp" VALUES('meta','["marker_key"]',1,'5ca455a9bfa504d1a817416bd230874281c2f1602c8a9468d4985c16929b9b16');
INSERT INTO "stamp" VALUES('account','["github","acme-bot"]',3,'aeef75e534ad546d5e4bb0f382ae51e4770d9b4b06d4a83ca295741f785d72b3');
INSERT INTO "stamp" VALUES('account','["jira","5b10a2844c20165700ed1001"]',3,'c4fe3b0f670c94cf1119a03e6bca035fd7a6f43bcf2e75451ddefc2cf18ed877');
INSERT INTO "stamp" VALUES('account','["jira-dc","acme-bot"]',3,'3a2b81478d66c1f1689fdacedc0a6bc7fb060c50f6333affb2edc1b09b21891a');
INSERT INTO "stamp" VALUES('finding','["PM-1/F1"]',14,'c7b9472c6d317e0e121b4ffa247a719aa14c7b579e9acc9a70fb1fa3cf391897');
INSERT INTO "stamp" VALUES('finding','["PM-1/F2"]',18,'dfe0716694b376a8f219b4d6a2ce99e87614ca0eb2ee78bc5b85e867a5e87023');
INSERT INTO "stamp" VALUES('involvement','["PM-1/F1","0","owned","ana"]',6,'a97b98b0d8f8a57027de147a29f0d041dccf72690a75e9badba8bdf2bb09ca9f');
INSERT INTO "stamp" VALUES('involvement','["PM-1/F2","0","owned","chen"]',6,'1e020051ff8e334c33b67d9565793d1326c1cda714239f507fdc709ce5853822');
INSERT INTO "stamp" VALUES('link','["PM-1/F1","127.0.0.1:36679","2000000007"]',14,'41de15cf5134fcb234985f7abf7390989e9a5060a95e88527047879b0a2b8e63');
INSERT INTO "stamp" VALUES('place','["github","acme/payments"]',11,'6c0a9d11f566e755104aca9ad9b2c2d32b22c036a8d16d8960caa69378faa0a9');
INSERT INTO "stamp" VALUES('involvement','["PM-1/F1","0","claimed","ana"]',14,'3a65168cfb88328b4285b4c2b4d42f38ae33d099c88b0b954bc022b32f32a0cb');
INSERT INTO "stamp" VALUES('involvement','["PM-1/F2","0","owned","bo"]',16,'ebba561747307e48ba09efee64c766393c05a137452e8d06228d1006d253ef34');
CREATE TABLE tombstone (
    finding TEXT   NOT NULL,
    host    TEXT   NOT NULL,
    issue   TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, host, issue)
);
CREATE INDEX link_by_issue ON link (host, issue);
CREATE UNIQUE INDEX link_created_once ON link (finding, tracker, destination) WHERE kind = 'created';
CREATE INDEX history_by_finding ON history (finding, seq);
CREATE INDEX history_by_cycle ON history (cycle, seq);
CREATE INDEX cycle_by_seq ON cycle (seq, id);
CREATE INDEX link_by_seq ON link (seq, since_ms, finding, host, issue);
CREATE INDEX history_stamped ON history (seq) WHERE event = 'stamped';
COMMIT;
