"""The style sheet of the report: light and dark, on a phone and on paper."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;
 --paper:#f7f6f2;--sheet:#ffffff;--ink:#1b2430;--muted:#5c6675;--line:#dfe1e5;--soft:#f1f2f4;
 --accent:#1f4e79;--step:#5b83ad;
 --good:#17694a;--good-soft:#e0f1e8;--warn:#8a5700;--warn-soft:#fbeed3;--bad:#ad231b;--bad-soft:#fbe3e0;
 --quiet:#5c6675;--quiet-soft:#e9ebee;--bad-bar:#d1493f;--warn-bar:#dd9b25;--quiet-bar:#7fa8a0;--good-bar:#2f9a72}
@media (prefers-color-scheme:dark){:root{
 --paper:#10151b;--sheet:#181f28;--ink:#e4e8ee;--muted:#9aa5b3;--line:#2c3643;--soft:#202934;
 --accent:#8db9e6;--step:#5f8fc2;
 --good:#6fd0a6;--good-soft:#173a2d;--warn:#f0bd60;--warn-soft:#3e2f12;--bad:#ff938a;--bad-soft:#45201d;
 --quiet:#9aa5b3;--quiet-soft:#2a333f;--bad-bar:#e0665c;--warn-bar:#d99a2b;--quiet-bar:#5d8a82;--good-bar:#46b389}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.6;overflow-wrap:break-word;
 font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Hiragino Sans","Noto Sans JP",
 "Noto Sans CJK JP","Yu Gothic UI","Yu Gothic",Meiryo,sans-serif;font-size:1rem}
:lang(ja) body,body:lang(ja){line-height:1.75;line-break:strict;word-break:auto-phrase;
 font-family:"Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI","Yu Gothic",Meiryo,system-ui,sans-serif}
main{max-width:66rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",
 "Noto Sans Mono CJK JP",monospace;font-size:.86em}
a{color:var(--accent)}
.brand{display:flex;justify-content:space-between;gap:1rem;color:var(--muted);font-size:.85rem;
 border-bottom:1px solid var(--line);padding-bottom:.6rem}
.brand b{color:var(--accent);letter-spacing:.04em}
h1{font-size:clamp(1.45rem,4.5vw,2.1rem);line-height:1.25;margin:1.6rem 0 1rem;letter-spacing:-.01em}
h2{font-size:1.25rem;line-height:1.3;margin:0 0 .4rem}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
.conclusion{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem;align-items:center;border-radius:.6rem;
 padding:1.1rem 1.3rem;margin:0 0 1.2rem}
.conclusion svg{width:2.6rem;height:2.6rem;grid-row:span 2}
.conclusion strong{font-size:1.3rem;line-height:1.3}
.conclusion p{margin:0;color:var(--ink)}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}.quiet{color:var(--quiet)}
.conclusion.good,.badge.good{background:var(--good-soft)}.conclusion.warn,.badge.warn{background:var(--warn-soft)}
.conclusion.bad,.badge.bad{background:var(--bad-soft)}.conclusion.quiet,.badge.quiet,.badge.plain{background:var(--quiet-soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.6rem,1fr));gap:.8rem;margin:0 0 1.2rem}
.figure{background:var(--sheet);border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem .9rem}
.figure b{display:block;font-size:1.55rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.figure span{display:block;font-size:.84rem;line-height:1.4}
.figure span.detail{color:var(--muted);font-size:.8rem;margin-top:.15rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:.1rem 2.4rem;margin:0 0 .6rem}
dl div{display:grid;grid-template-columns:8rem 1fr;gap:.8rem;padding:.3rem 0;border-bottom:1px solid var(--line);min-width:0}
dt{color:var(--muted);font-size:.88rem}dd{margin:0;min-width:0;overflow-wrap:anywhere;font-size:.93rem}
nav{margin:1.2rem 0 0;font-size:.88rem;display:flex;flex-wrap:wrap;gap:.3rem 1rem}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
section{background:var(--sheet);border:1px solid var(--line);border-radius:.6rem;padding:1.2rem 1.3rem 1.3rem;margin:1.2rem 0 0}
section.bad{color:inherit;border-left:4px solid var(--bad-bar)}
section>p.lead{margin:0 0 1rem;color:var(--muted)}
p{margin:.4rem 0}
.wide{overflow-x:auto;margin:.6rem 0 0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;font-weight:600;color:var(--muted);font-size:.82rem;white-space:nowrap;border-bottom:2px solid var(--line)}
th,td{padding:.42rem 1.1rem .42rem 0;vertical-align:top}
th:last-child,td:last-child{padding-right:0}
tbody tr+tr>td{border-top:1px solid var(--line)}
td code{overflow-wrap:break-word}td:first-child>code{white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.number+:not(.number){padding-left:1rem}
.badge{display:inline-block;white-space:nowrap;border-radius:1rem;padding:.05rem .6rem;font-size:.82rem;font-weight:600;line-height:1.6}
summary{cursor:pointer}summary::marker{color:var(--accent)}
pre{background:var(--soft);border-radius:.4rem;padding:.7rem .9rem;margin:.3rem 0 .6rem;overflow-x:auto;white-space:pre-wrap;
 overflow-wrap:anywhere;line-height:1.5}
.caption{color:var(--muted);font-size:.82rem;margin:.5rem 0 0}
.note{color:var(--muted);font-size:.85rem}
.card{border:1px solid var(--line);border-left:4px solid var(--quiet-bar);border-radius:.4rem;padding:.7rem 1rem;margin:.8rem 0 0}
.card.bad{border-left-color:var(--bad-bar)}.card.warn{border-left-color:var(--warn-bar)}
.card.bad,.card.warn,.card.quiet{color:inherit}
.card header{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
.card header b{overflow-wrap:anywhere}.card header code{color:var(--muted)}
.bars{display:grid;grid-template-columns:minmax(6rem,14rem) 1fr;gap:.5rem 1rem;align-items:center;margin:.4rem 0 1rem}
.bars span{font-size:.9rem}.bars b{font-variant-numeric:tabular-nums;white-space:nowrap}
.bars .row{display:grid;grid-template-columns:1fr 5.5rem;gap:.6rem;align-items:center}
svg{display:block;width:100%}
.bars svg{height:1.3rem}.course svg{height:4.2rem}
.course{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem;margin:.4rem 0 .8rem}
.course figure{margin:0}.course figcaption{font-size:.82rem;color:var(--muted)}
.course svg{background:var(--soft);border-radius:.3rem}
.f-good{fill:var(--good-bar)}.f-warn{fill:var(--warn-bar)}.f-bad{fill:var(--bad-bar)}.f-quiet{fill:var(--quiet-bar)}
.f-plain{fill:var(--step)}.f-track{fill:var(--soft)}.tick{fill:var(--muted);font-size:11px;font-family:inherit}
.grid{stroke:var(--line);stroke-width:1}.cut{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 3}
.lanes{display:grid;grid-template-columns:minmax(7rem,15rem) 1fr;gap:.15rem 1rem;align-items:center;margin:.3rem 0 .2rem}
.lanes .name{font-size:.82rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.lanes svg{height:1.15rem;overflow:visible}.lanes svg.axis{height:1.1rem}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.82rem;color:var(--muted);margin:.4rem 0 .8rem}
.legend svg{width:.8rem;height:.8rem;display:inline-block;vertical-align:-.06rem;margin-right:.35rem}
ul.checks{list-style:none;margin:0;padding:0}
ul.checks li{display:grid;grid-template-columns:1.5rem 1fr;gap:.1rem .6rem;padding:.35rem 0;border-bottom:1px solid var(--line)}
ul.checks li>svg{width:1.15rem;height:1.15rem;margin-top:.22rem}
ul.checks small{color:var(--muted);font-size:.84rem;grid-column:2;overflow-wrap:anywhere}
.box{fill:none;stroke:currentColor;stroke-width:1.6}.mark{fill:none;stroke:currentColor;stroke-width:2.2;
 stroke-linecap:round;stroke-linejoin:round}
.lists{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(18rem,100%),1fr));gap:.4rem 2rem}
.signatures{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.8rem;margin:1.4rem 0 0}
.signatures div{border:1px solid var(--line);border-radius:.4rem;padding:.5rem .8rem;min-height:6rem;display:flex;
 flex-direction:column;justify-content:space-between;font-size:.84rem;color:var(--muted)}
footer{margin:1.6rem 0 0;color:var(--muted);font-size:.82rem}
@media (max-width:40rem){
 main{padding:1rem .8rem 3rem}section{padding:1rem .9rem}
 .figures{grid-template-columns:repeat(2,1fr)}
 .figure{padding:.6rem .8rem}.figure b{font-size:1.3rem}
 .lanes,.bars{grid-template-columns:1fr}.lanes .name{margin-top:.35rem}.lanes .name:empty{display:none}
 dl div{grid-template-columns:6.5rem 1fr}
 .conclusion{padding:.9rem 1rem}.conclusion strong{font-size:1.12rem}
}
@media print{
 :root{--paper:#fff;--sheet:#fff;--ink:#000;--muted:#444;--line:#bbb;--soft:#f4f4f4;--accent:#1f4e79;--step:#5b83ad;
 --good:#17694a;--good-soft:#e0f1e8;--warn:#8a5700;--warn-soft:#fbeed3;--bad:#ad231b;--bad-soft:#fbe3e0;
 --quiet:#444;--quiet-soft:#eee;--bad-bar:#d1493f;--warn-bar:#dd9b25;--quiet-bar:#7fa8a0;--good-bar:#2f9a72;color-scheme:light}
 @page{size:A4;margin:14mm 13mm}
 body{font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
 main{max-width:none;padding:0}nav{display:none}
 section{border:0;border-top:1px solid var(--line);border-radius:0;padding:.8rem 0 0}
 section.bad{border-left:0}
 h2,h3,.lead,.caption{break-after:avoid}
 .figures,.lists{grid-template-columns:repeat(3,1fr)}.lists{font-size:8.5pt;column-gap:1.2rem}pre{font-size:8pt}
 tr,.card,.figure,.conclusion,.bars,.lanes,.course,.signatures,ul.checks li{break-inside:avoid}
 .wide{overflow:visible}pre{white-space:pre-wrap}
 details::details-content{content-visibility:visible;display:block;height:auto}
}
"""
