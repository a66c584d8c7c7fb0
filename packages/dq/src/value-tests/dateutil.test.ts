import { expect, test } from 'vitest'
import { isDateutilParseable } from './dateutil.ts'

// As dateutil.parser.parse answers with default=datetime(2000, 1, 1): dates as people and programs write them, and texts
// made at random of the parts of dates.

// prettier-ignore
const ACCEPTED: readonly string[] = [
  "2024-01-31", "2024-01-31T10:20:30", "2024-01-31T10:20:30Z", "2024-01-31T10:20:30.123456+02:00", "2024-01-31 10:20:30,123", "02/29", "20240131",
  "2024", "1", "31", "32", "99", "100", "10/2/2024", "31/12/2024", "12/31/2024", "01.02.2024", "1.2.2024 10:00", "Jan 5, 2024", "5 January 2024",
  "January", "Jan of 01", "Jan 2024", "Mon", "Monday, 5 Feb 2024", "10am", "10 am", "13am", "13 pm", "10:00", "10:00 PM", "10:00 UTC", "10:00+0300",
  "10:00+03:00", "10:00-3", "10:00+99:99", "10:00 GMT+3", "10:00 -0300 (BRST)", "10h36m28.5s", "10h36m28", "36 m", "10h 36", "at 10:00 on Jan 1",
  "2024.01.31", "2024 01 31", "2024-1-1", "24-1-1", "2024-01-31T10", "2024-01-31T1020", "2024-01-31T102030", "20240131T102030", "20240131102030",
  "202401311020", "1,234.5", "5th of January 2024", "Jan 1st", "2024-01-31 10:00 EST", "3 Jan 2024 5pm", "Thu Sep 25 10:36:28 2003",
  "Thu, 25 Sep 2003 10:49:41 -0300", "Thu 10:36:28", "Sep-25-2003", "25-Sep-2003", "2003-Sep-25", "25Sep2003", "Sep.25.2003", "2003.Sep.25", "10.20",
  "10.20.30", "199709020908", "19970902090807", "0:00", "00:00:00.000", "2024-01-31t10:20:30z", "2024-01-31  10:20",
  "\u0662\u0660\u0662\u0664-\u0660\u0661-\u0660\u0661", "1.5", "10.5.2024", "-1", "12/25", "2/13", "1999", "0099", "99 Jan", "Jan 99", "32 Jan",
  "Jan 32", "Feb 29", "Wednesday 10pm", "3h", "3 h 5", "3 hours", "Jun 26", "14 Jun 997", "at 2075/1/25 13:59:57 +25:00", "04191221/13h",
  "at 1764 1 17", "on 28 February 1905", "1:34 a.m., 941226", "at Aug of 1454", "Tuesday, 21.5.939", "fri Sept of 1086", "496,",
  "fri 0466-05-10 at 7:25 PMZ", "0h32m15s UTC 26Sept154", "Tuesday, 11Jul1705  4 hours+2", "27-Jul-75/16:26", "fri 12/8/53 22h48m3s+0200",
  "at 2/2/79T15:26:15.892461Z", "on 21February901", "1192-03-29 074421+0200", "07511110 21:54:15.37 +25:00", "04:26:29,657 EST, 10/9/98",
  "1898 12 10 at 19:04:59+0200", "Mon 15180821", "28MARCH1200, 22h GMT+3", "5-11/Aug", "Oct 33", "16840812", "3-31 8h58m21s UTC", "1216 3 31",
  "26.1.1613", "12h46+0200, 29th of april 58", "Mon 450607 at 152907Z", "fri 25 Jan 816 11 m UTC", "7Oct2028  174949", "Feb/15/249", "on 11Sept1932",
  "Mon 060714", "11th of Dec 145", "Tuesday, 16Aug1564 at 16h16 EST", "28-Jan-78/3:19", "12 Sept 1752", "Jan 2, 1873", "on 13 Oct 539",
  "040102  14:45 +25:00", "1698 10 27", "Tuesday, MARCH of 837, 22:37:27.7 EST", "Tuesday, 658 6 21", "at Dec 5", "fri 2090 8 14T16:01:26 +25:00",
  "00151222T1:34 a.m.", "at February 25T7h4", "fri 1773 1 1", "at May.11.1209", "3h GMT+3, 30January1636", "January/8/1950-00:53:53.96", "Apr 9",
  "Tuesday, 540524  1232 GMT+3", "Mon 16 Feb 448", "14h-05:00, 3/19/07", "Mon 6-5, 18:11:09.9983", "Tuesday, april/30/1852, 16h EST",
  "5am EST, 1844 8 20", "Apr of 977/021410", "19:00 PMZ on 3Nov1398", "at 23th of Jun 295T9:28-05:00", "291117",
  "08:55:59.19 -0300 (BRST), Sep/9/701", "Mon Apr 33", "Tuesday, 611006 10:53 PM EST", "Jan 3", "fri 2 april 1702 at 0110+0200",
  "21h27 GMT+3 on 1003 11 19", "28Jan627", "4Nov1609 at 1h17m6s UTC", "4 MARCH 200 23:35:47.63Z", "3 Mar 1880", "7-1/Nov",
  "fri 1347/8/20 at 6 hours UTC", "20:49.5 UTC on 13th of Oct 149", "Mon 28Apr1944", "Mon 5-Aug-79 at 0h33m17s +25:00", "Sep/20/1938 13:34.5",
  "4h59 GMT+3 on 1482/4/24", "fri 1/10/95  15:44Z", "26.7.636 0:00", "1154 6 5", "Nov/24/207 at 00:30:28-05:00", "110311  08:19:40.86992 GMT+3",
  "on 15 Mar 91T11h+0200", "on 12-Oct-93T16:58:54 UTC", "Mon 950905", "Jul 22, 392T1346-05:00", "14h8+2, MARCH of 609", "at 25May1481 at 11h EST",
  "17110724  10am -0300 (BRST)", "at January of 209 at 22:01:14.816 UTC", "Tuesday, 1102-07-30", "at Feb/7/1340 at 11:12:44 +25:00",
  "12190623/3:43 a.m.", "Jul.5.416", "May of 372  01:25.5Z", "04:43.5 EST on 6Jan521", "07:51.5 -0300 (BRST) May.22.1461", "10:51 p, 1657 7 19",
  "February/29/588T223451+2", "fri 214/3/16 at 11:07 -0300 (BRST)", "at Jan of 1146 22am+0200", "Jan of 1224", "7 Feb 92, 9am+2",
  "1h19m30s+2 1420 2 11", "10 april 1425", "14th of Apr 99", "Mon February 3", "22:34:00.7154 UTC Apr 2", "Mon 0714-04-15 2h59m5s GMT+3",
  "Mon 18Apr1767", "4h UTC on 2-27", "fri Apr/4/1210 2am-05:00", "Mon 0119-06-19T15h56m43s UTC", "15h5 UTC 29.1.2058", "0111-09-23 13:16:15 UTC",
]

// prettier-ignore
const REFUSED: readonly string[] = [
  "2024-13-01", "2024-02-30", "2023-02-29", "2/29/2023", "202401", "99/99/99", "13/13/2024", "Mon Feb 30 2024", "25 pm", "am", "24:00", "23:60",
  "23:59:60", "10:00 ABCDEF", "10:00 abc", "10:00+030", "today", "now", "nan", "inf", "hello", "1 hello", "", "   ", "-", "/", "2024-W05-1",
  "2024-031", "2024/01/31 10.30", "1e5", "12,345", "$12", "12%", "1-2-3-4", "1/2/3/4", "the 5th", "0", "00/00/00", "0000-01-01", "10000-01-01",
  "2024-01-31 +02:00", "2024-01-31 10:00 +02:00 extra", "2024-01-31 10:00 EST5EDT", "2003Sep25", "10:20:30:40", "2024\u201301\u201331", "2\u00b2",
  "1700000000", "1700000000000", "true", "None", "null", "user@example.com", "192.168.0.1", "00:1b:44", "+1", "2024-01-31 25:00", "25/12", "13/2",
  "Feb 30", "30 Feb 2024", "p", "a", "m", "t", "h", "90 minutes", "3 days", "10pm tomorrow", "noon", "12 noon", "3.10.1617 at 18:03 am",
  "Tues of 507", "Mon 8Sept190T17:07 PM+0200", "13MARCH244 at 14:37 a.m.", "at 271421", "on Febr 4 at 22:22:38,60 Europe/Berlin",
  "Tuesday, 1825-04-2411h-05:00", "February of 2033 x 11381408", "0May1076", "fri Feb.32.514", "n((((6n(3-4/J", "fri Tues 0, 215  3 m GMT+3",
  "7th of Apr 1491 to Mar 19, 1967", "0962 +25:00, Jul/14/1350", ".-MSh11ZnT-h", "fri Apr/14/149306:21:13+12345",
  "20:52:60,85 -0300 (BRST), 1357 14 10", "Aug 0, 211 to 15h51", "Mar of 838 at 26amZ", "on 12/8/23T9:62 PM -0300 (BRST)", "/J",
  "0h31 utc Sep of 1356", "heae)3M", "Thurs Tues/2/1374T25:40:44 utc", "at 1717/14/29", "25h61 -0300 (BRST) Febr 3, 1172", "Apr.24.208 26:8.5",
  "25h Europe/Berlin, MARCH/0/1132", "740931 262505", "at 911003T18 pm GMT+3", "1016-05:00, 535 8 9", "fri Nov of 1861 7h Europe/Berlin",
  "16:01:28,773+12345 on 14-1", "at Tues of 1809 19:52:01 +25:00", "fri 440414T22:13 p", "Tues.11.475, 6am",
  "20th of February 656, 9 pm Europe/Berlin", "Aug.32.1034 at 15:60.5 EST", "16:57 am utc MARCH of 945", "fri 32.9.543, 11h14-05:00", " 6papM+:",
  "at 20251120 25:44:11 -0300 (BRST)", "1318 22 Tues 34", "Thurs april/19/974  080046-05:00", "22h42 Europe/Berlin, 11-5",
  "May.11.1498T20:60:52-05:00", "8/29/82-25:29:30.319", "144046 UTC on Apr/33/1865", "at 115405071h25m46s", "47 Jh", "120623 to February",
  "Thurs 01701426 at 1462 +25:00", "1057 1 11/21:09:54.594409", "1309/5/0-22:18", "92h75o -5Z", "21.6.753 26:22 +25:00",
  "Mon 12.10.146610:25:26.456Z", "22:13 am Europe/Berlin on 1812/10/27", "fri 17.1.1684:32 am -0300 (BRST)", "24Tues1687", ".(", "fri 6Febr192",
  "Thurs May/28/1468:27 UTC", "Thurs 5 Oct 1475", "Mon 2-Jan-9309:07:45.54+0200", "042038 EST, 17.4.874", "on 19-Jan-4622:58:44,345+2",
  "Tuesday, 1130 3 26, 1403+12345", "1781/9/32/22February844", "at 24 Sept 171414:29:54.410 Europe/Berlin", "Mon 347/13/1",
  "1543-14-25 22:38.5 Europe/Berlin", "22092807:21:16,658 -0300 (BRST)", "april 17T21:19 Europe/Berlin", "at 8Febr1415, 26am GMT+3",
  "MARCH 24, 77526h+0200", "1209/4/1  0115 utc", "Mon Oct 28, 910 at 152835 utc", "617/1/33 at 14h GMT+3", "fri MARCH 31, 664 at 26h-05:00",
  "462 0 21 22:14 -0300 (BRST)", "Thurs Dec/25/2006T00:53:15.2640+0200", "Tuesday, 03530431 09:58:29+0200", "0th of February 294 23h45 UTC",
  "1756/14/103h54m47s", "5a7T8e1o", "Je3o1", "Mon Nov/4/170218:02:19.634318 utc", "np aJT.8ma,", "990319 at 3hZ", "on 0702266 h utc",
  "14h40m48s+12345 16 Sept 1267", "18 pm 32-Sept-80", "Thurs 5.1.1576", "11:45 PM+12345 11 Aug 1805", "on 4th of Tues 1834T04:4.5 utc",
  "at Aug.1.1512010840Z", "Thurs 1407041920:15:19 UTC", "at Mar 1T10 am utc", "Tuesday, 3-MARCH-71 at 17:58 a.m. +25:00", "/,-smT 4a2-",
  "06:61:07,4Z 1444-03-04", "1039+0200, 09761425", "Mon 32th of Mar 566 at 0332", "604 4 4 2", "May 19, 824, 22:31:42.3897 Europe/Berlin",
  "Thurs april.21.1812  1pmZ", "Zs7m", "16:52 utc on Feb 17", "1991/6/2125h2+12345", "23:46 GMT+3, 674 14 15", "13.4.1144/Sep", "460010-13051109",
  "fri 4.1.13565:47+2", "12th of Feb 1777 to 1 h", "Febr 9 2:09 PM +25:00", "05370524 x 2h54m50s", "Thurs 12560302", "17april790 to May 27, 659",
  "9th of Jul 79716:62 p +25:00", "at Jul of 164614pm-05:00", "Aug of 12100624 UTC", "19:45 PM EST, Tues 2", "mm0957", "1Tues1430 x Feb", ")n",
  "01:32:47.6239, 1703/0/15", "on 760030  05:5.5 UTC", "Nov/1/663 to Tues", "Mon 0239-05-02, 22pm+0200", "Tuesday, Dec 30, 1653 at 1pm+12345",
  "fri MARCH of 989103048Z", "Thurs 1338/6/33", "Thurs 10-9", "fri 28th of Tues 1382  1110", "23Jul425 x 1056-05-16", "Tuesday, 13-7", "m:",
  "1437 10 3  21 hours+0200", "29th of May 112/25pm", "S9.nZa06(T", "Jan 30, 1885-14:04:14", "7:08 UTC, 33-MARCH-44",
  "3 am Europe/Berlin 1302/13/33", "Thurs 31th of January 207", "1520-03-19 Tues", "Thurs 23.8.105  13h29+0200", "331203 x 2", "1718032515:29:01",
  "06:26:35 -0300 (BRST), 32 Tues 1982", "fri 7-17T21h Europe/Berlin", "J6", "Thurs Feb 23, 1710", "Mon 12-33:31 a.m. utc", "Thurs 295/2/3",
  "at 7.11.207726:43.5 -0300 (BRST)", "30 February 1443 to Dec", "291400 Feb 7", "22.4.399 x 031425", "041213 at 22:48+12345",
  "at 1270/5/0 at 145918 +25:00", "on 1563-01-1518:50 EST", "Thurs 1600/0/33 at 17:46+0200", "on 1972-04-11, 20:51:32.7 Europe/Berlin",
  "Tuesday, Jul.27.270  25h59m27sZ", "12h45m12s +25:00 MARCH 32, 113", "Mon Sept.33.200514h49", "601/4/1408:07:46 +25:00", "Mon 6-27, 22hZ", "+Z4",
  "fri 83 6 3 260749 -0300 (BRST)", "32-MARCH-49-MARCH", "on 27th of Oct 463T25:25:30 Europe/Berlin", "Tuesday, 5th of Feb 105925:27.5+12345",
  "at 14-15", "Thurs 24Sep1292  02:31:34 EST", "Mon 4/0/04", "889 7 23 at 16h31 utc", "16april1244, 24:07", "14:15:12 -0300 (BRST), 17Febr333",
  "Febr/22/5046h29m18s +25:00", "2eS8+3T", "M(91n'M", "Mon 16 Feb 3 at 22 hours EST", "27Oct392 x Sep", "Thurs Aug/31/1522 at 6:46 -0300 (BRST)",
  "Thurs Apr.1.203422:53:27.7759+2", "Jul/19/1910 to 2:07", "on Sept of 156319:41 GMT+3", "Nov/22/201600:18:09.4439",
  "Mon 10.13.1835  19:47 am +25:00", "e,", "fri 15.1.1484 08:60.5 GMT+3", "0-5 x april", "13am+12345 on Aug 3, 945", "1870/4/14 to 24:10:15,561",
  "5:59 Europe/Berlin 20th of Aug 1852", "23:45.5-05:00 on 585 14 0", "26th of Mar 1663  14:60:21.71162 +25:00", "29Sept1289  8:61 PM-05:00",
  "11:57:34,3+0200, 12-Tues-36", "640433", "11 May 894 x 260556", "0 Oct 994", "at 0622-02-30", "Tuesday, 1536 1 23  9h28 Europe/Berlin", "h5/M5m",
  "Tuesday, Tues/9/546 at 20h+12345", "9n898-5TTSm", "on 500421 8h utc", "fri 08491314, 11h -0300 (BRST)", "fri 26 Oct 1283 0009 Europe/Berlin",
  "16:60:09.8 utc, 8-32", "25 Febr 854", "Mon 12340703T24:38:22,1", "Jun.15.958-4MARCH1029",
]

test('what dateutil accepts is accepted', () => {
  expect(ACCEPTED.filter((text) => !isDateutilParseable(text))).toEqual([])
})

test('what dateutil refuses is refused', () => {
  expect(REFUSED.filter((text) => isDateutilParseable(text))).toEqual([])
})

test('a missing month has 31 days and a missing year is a leap year, whatever today is', () => {
  expect(['31', 'Feb 29', '2/29'].filter((text) => !isDateutilParseable(text))).toEqual([])
  expect(['Feb 30', '2/29/2023'].filter((text) => isDateutilParseable(text))).toEqual([])
})

test('hostile texts are answered at once', () => {
  const started = performance.now()
  for (const text of [
    '1'.repeat(200_000),
    '1.'.repeat(100_000),
    ': '.repeat(100_000),
    'a.'.repeat(100_000),
    '\0'.repeat(10),
  ])
    expect(isDateutilParseable(text)).toBe(false)
  expect(performance.now() - started).toBeLessThan(5000)
})
