/* SPDX-License-Identifier: BSD-2-Clause */
/* What does not change in the page of schc_html.c. Each part of the packet
 * has a hue in --h; what was sent is filled, what was not is underlined. */
#include "schc_html.h"

/* clang-format off */
static const char *const style[] = {
    ":root{color-scheme:light dark;--bg:#fbfaf8;--card:#fff;--ink:#1d2330;",
    "--soft:#5c6577;--line:#e3e1dc;--fill:84%;--edge:42%;--sat:78%}\n",
    "@media (prefers-color-scheme:dark){:root{--bg:#12151c;--card:#1a1f29;",
    "--ink:#e8ebf2;--soft:#9aa4b8;--line:#2d3442;--fill:30%;--edge:68%;",
    "--sat:48%}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0;background:var(--bg);color:var(--ink);",
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif}\n",
    "main{max-width:86rem;margin:0 auto;padding:2rem 1rem 4rem}\n",
    "h1{font-size:clamp(1.8rem,6vw,3rem);line-height:1.1;margin:.2rem 0 0;",
    "letter-spacing:-.02em}\n",
    "h2{font-size:1.1rem;margin:0 0 .2rem}\n",
    "p{margin:.2rem 0 1rem;color:var(--soft)}\n",
    ".eyebrow{margin:0;font-weight:600}\n",
    "section{background:var(--card);border:1px solid var(--line);",
    "border-radius:14px;padding:1.1rem;margin-top:1.2rem}\n",
    "code,.mono,.bits,.bytes{font-family:ui-monospace,'SF Mono',Menlo,",
    "Consolas,'Liberation Mono',monospace}\n",
    ".bar{display:flex;height:1.5rem;border-radius:7px;overflow:hidden;",
    "margin:.15rem 0 .7rem;background:var(--line)}\n",
    ".bar i{display:block;min-width:1px;height:100%}\n",
    ".label{display:flex;justify-content:space-between;font-size:.85rem;",
    "color:var(--soft)}\n",
    ".sent{background:hsl(var(--h) var(--sat) var(--fill))}\n",
    ".kept{box-shadow:inset 0 -3px hsl(var(--h) 60% var(--edge))}\n",
    ".pad{background:repeating-linear-gradient(45deg,var(--line) 0 3px,",
    "transparent 3px 6px)}\n",
    ".size{background:repeating-linear-gradient(90deg,",
    "hsl(var(--h) var(--sat) var(--fill)) 0 4px,",
    "hsl(var(--h) 60% var(--edge)/.45) 4px 6px)}\n",
    ".bits,.bytes{display:flex;flex-wrap:wrap;gap:.55rem .5rem;",
    "font-size:.95rem;max-width:37.5rem}\n",
    ".pair{display:grid;gap:0 1.2rem;align-items:start;",
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,39.8rem),1fr))}",
    "\n",
    ".byte{display:flex;flex-direction:column;align-items:stretch}\n",
    ".byte span{display:flex}\n",
    ".byte i,.by i{font-style:normal;text-align:center}\n",
    ".byte i{width:1.12rem;line-height:1.9rem;",
    "border-bottom:3px solid hsl(var(--h,0) 60% var(--edge))}\n",
    ".byte i.pad{border-color:var(--line);color:var(--soft)}\n",
    ".byte small,.by small{font-size:.65rem;color:var(--soft);",
    "text-align:center}\n",
    ".bytes{gap:.35rem .25rem}\n",
    ".by{position:relative;display:inline-block;width:2.1rem;",
    "line-height:2rem;text-align:center;background:var(--bg);",
    "border-radius:5px;overflow:hidden}\n",
    ".by i{position:absolute;top:0;bottom:0}\n",
    ".by b{position:relative;font-weight:400}\n",
    ".by.bare b{color:var(--soft)}\n",
    "table{border-collapse:collapse;width:100%;font-size:.92rem}\n",
    "th{text-align:left;font-weight:600;color:var(--soft);font-size:.8rem}\n",
    "th,td{padding:.38rem .6rem .38rem 0;border-bottom:1px solid ",
    "var(--line);vertical-align:top}\n",
    "td.num{white-space:nowrap}\n",
    "td .swatch{display:inline-block;width:.85rem;height:.85rem;",
    "border-radius:3px;margin-right:.5rem;vertical-align:-.08rem;",
    "border:2px solid hsl(var(--h) 60% var(--edge))}\n",
    "td .swatch.pad{border-color:var(--line)}\n",
    "td.val,td.res{overflow-wrap:anywhere}\n",
    "td.val code{color:var(--soft)}\n",
    ".none{color:var(--soft)}\n",
    "tr[data-p]{cursor:pointer}\n",
    "tr:focus-visible{outline:2px solid currentColor;outline-offset:-2px}\n",
    ".hl [data-p]:not(.on){opacity:.32}\n",
    ".hl .by.on,.hl .byte i.on,.hl .bar i.on{outline:2px solid ",
    "currentColor;outline-offset:-2px}\n",
    "[data-p]{transition:opacity .12s}\n",
    "@media (prefers-reduced-motion:reduce){[data-p]{transition:none}}\n",
    "@media (max-width:44rem){thead{position:absolute;left:-999rem}",
    "tr{display:grid;grid-template-columns:1fr 1fr;padding:.5rem 0;",
    "border-bottom:1px solid var(--line)}",
    "td{border:0;padding:.1rem 0}td.name,td.val,td.res{grid-column:1/-1}",
    "td.name{font-weight:600}td:empty{display:none}",
    "td[data-l]::before{content:attr(data-l) ' ';color:var(--soft);",
    "font-size:.8rem}}\n",
    "@media (max-width:44rem){main{padding:1.2rem .6rem 3rem}",
    "section{padding:.8rem}.byte i{width:1rem}.by{width:1.95rem}",
    ".bits{max-width:33rem}.bytes{max-width:17.5rem}}\n",
    "@media print{section{break-inside:avoid}}\n",
};

/* Hover or focus shows a part everywhere; tap or click keeps it so. */
static const char *const script[] = {
    "(function(){var pin=null,all=document.querySelectorAll('[data-p]');\n",
    "function show(p){var s=p?p.split(' '):[];\n",
    "document.body.classList.toggle('hl',!!p);\n",
    "all.forEach(function(e){e.classList.toggle('on',",
    "e.dataset.p.split(' ').some(function(x){return s.indexOf(x)>=0;}));",
    "});}\n",
    "function at(e){var t=e.target.closest&&e.target.closest('[data-p]');\n",
    "return t?t.dataset.p:null;}\n",
    "function see(e){show(at(e)||pin);}\n",
    "addEventListener('mouseover',see);addEventListener('focusin',see);\n",
    "addEventListener('click',function(e){var p=at(e);",
    "pin=p===pin?null:p;show(pin);});\n",
    "addEventListener('keydown',function(e){",
    "if(e.key==='Escape'){pin=null;show(null);}});\n",
    "})();\n",
};
/* clang-format on */

static void put_all(FILE *out, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputs(lines[i], out);
    }
}

void schc_page_style(FILE *out)
{
    put_all(out, style, sizeof style / sizeof style[0]);
}

void schc_page_script(FILE *out)
{
    put_all(out, script, sizeof script / sizeof script[0]);
}
