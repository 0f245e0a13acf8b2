"""What the commands' --help says, in Korean; the English is where each command is registered."""

from __future__ import annotations

from streams.terminal import language

KOREAN = {
    # accounts
    "people who sign in, API keys, who read whose data": "로그인하는 사람, API 키, 누가 누구의 정보를 보았는지",
    "make an account; prints a sign-in link, shown once": "계정을 만듭니다; 로그인 링크를 한 번 보여 줍니다",
    "all accounts": "모든 계정",
    "make an API key for another system; shown once": "다른 시스템의 API 키를 만듭니다; 한 번 보여 줍니다",
    "API keys, without their secrets": "API 키(비밀 값 없이)",
    "end an API key at once": "API 키를 바로 폐지합니다",
    "after a theft: every session, link and key": "도난 뒤: 모든 세션, 링크, 키",
    "who read a recipient's data: one JSON object a line, for the person who asks":
        "이용자의 정보를 누가 보았는지: 한 줄에 JSON 하나, 묻는 본인을 위해",
    "may be given several times": "여러 번 쓸 수 있습니다",
    "end an account at once: sessions, links and keys": "계정을 바로 폐지합니다: 세션, 링크, 키",
    "forget password and second factor; prints a new sign-in link": "비밀번호와 2단계를 지우고 새 로그인 링크를 보여 줍니다",
    # areas
    "import real boundaries of dongs or living areas": "행정동이나 생활권의 실제 경계를 들여옵니다",
    "check a GeoJSON file and, with --day, put it into a day folder":
        "GeoJSON 파일을 점검하고, --day가 있으면 하루 폴더에 넣습니다",
    # crisis
    "crisis programmes: open for dates, end, list (docs/crisis.md)":
        "위기 지원 사업: 날짜를 정해 열기, 닫기, 목록 (docs/crisis.md)",
    "open one for dates, or set its budget and stock anew": "날짜를 정해 열거나, 예산과 물품을 다시 정합니다",
    "nothing new under it; what was promised goes on": "새로 받지 않습니다; 약속한 것은 그대로 제공합니다",
    "the last day": "마지막 날",
    "so many in all": "모두 몇 개인지",
    "of one that was opened before, as `list` shows it": "이미 연 사업을 바꿀 때: `list`에 나온 판",
    "change it whatever it is set to now": "지금 어떻게 되어 있든 바꿉니다",
    "a code": "사유 코드",
    "those that were opened, and what is left": "연 사업과 남은 것",
    # day
    "make, check or import a day folder (docs/day-format.md)": "하루 폴더를 만들고, 점검하고, 들여옵니다 (docs/day-format.md)",
    "make a sample day from a seed": "시드로 본보기 하루를 만듭니다",
    "list every bad row of a day folder; nothing is loaded":
        "하루 폴더의 잘못된 줄을 모두 보여 줍니다; 아무것도 불러오지 않습니다",
    "bring a day folder into the running system: district and people": "하루 폴더를 실행 중인 시스템에 넣습니다: 자치구와 사람",
    "file all its visits too, now": "제공 건도 모두 지금 접수합니다",
    "write a day's expected.csv from what past days needed": "지난 날들에 필요했던 것으로 expected.csv를 씁니다",
    "the day to come": "다가올 하루",
    "folders of days like it": "비슷한 날들의 폴더",
    "turn a Grubhub city-day (mdrplib) into a day folder": "Grubhub 도시의 하루(mdrplib)를 하루 폴더로 바꿉니다",
    # dead_letters
    "messages that could not be read: list, show ID, redrive ID": "읽을 수 없었던 메시지: list, show ID, redrive ID",
    "all of them, oldest first": "모두, 오래된 것부터",
    "origin and reason; with --bytes what was in it (a logged read)": "어디서 왔고 왜인지; --bytes면 내용도 (열람이 기록됩니다)",
    "unseal the bytes to stdout": "봉인을 풀어 표준 출력으로",
    "reason for the access log": "열람 기록에 남길 까닭",
    "send it again to the inbox it came from": "왔던 수신함으로 다시 보냅니다",
    "send these corrected bytes instead": "대신 이 고친 내용을 보냅니다",
    # main
    "print the version": "버전을 보여 줍니다",
    "Dispatch of meals and care visits: days, areas, replays.": "식사와 돌봄 방문의 배차: 하루, 구역, 재생.",
    # replay
    "replay the logs: verify, show --as-of TIME, visit ID": "기록을 재생합니다: verify, show --as-of 시각, visit ID",
    "apply and decide everything again; the first divergence is shown":
        "모두 다시 적용하고 다시 결정합니다; 처음 다른 곳을 보여 줍니다",
    "the board as it was": "그때의 현황판",
    "ISO instant, or HH:MM of the service day in Seoul": "ISO 시각, 또는 서울의 그날 HH:MM",
    "one visit's story": "제공 건 하나의 이야기",
    # visits
    "file visits from a table (CSV or XLSX)": "표(CSV나 XLSX)의 제공 건을 접수합니다",
    "file every row as a visit: all or none": "모든 줄을 접수합니다: 모두 접수하거나 하나도 하지 않습니다",
    "only say what is wrong and what would be filed": "잘못된 것과 접수될 것만 말합니다",
    "for files without that column": "그 열이 없는 파일에",
    "for whom: care_manager:1144066000": "누구로서: care_manager:1144066000",
    # webhooks
    "check an organisation's endpoint": "기관의 수신 주소를 점검합니다",
    "play a scripted day against an endpoint: sound, forged, repeated, old, huge":
        "정해진 하루를 주소로 보내 봅니다: 바른 것, 위조, 반복, 오래된 것, 큰 것",
    "one JSON object for each case instead of the table": "표 대신 경우마다 JSON 하나",
    "what was sent, the newest first; with ID each attempt and what was answered":
        "보낸 것을 새것부터; ID를 주면 시도마다 받은 답",
    "6h, 2d or an instant": "6h, 2d 또는 시각",
    "one JSON object for each": "하나마다 JSON 하나",
    "send one webhook again under its id": "웹훅 하나를 같은 번호로 다시 보냅니다",
    "send an organisation all again that was not delivered since then": "그때부터 전달되지 않은 것을 그 기관에 모두 다시 보냅니다",
}


def told(english: str) -> str:
    """The help text in the user's language."""
    return KOREAN[english] if language() == "ko" else english
