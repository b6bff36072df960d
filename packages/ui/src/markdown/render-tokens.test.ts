import { expect, test } from "vitest";
import { createMarkdownView } from "./markdown-view.ts";

const vectors = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '<a href="javascript:alert(1)">a</a>',
  '<a href="jav&#x09;ascript:alert(1)">a</a>',
  '<a href="data:text/html,<script>alert(1)</script>">a</a>',
  '<a href="vbscript:alert(1)">a</a>',
  '<a href="https://example.com/" onclick="alert(1)" style="position:fixed" id="chat">a</a>',
  "<svg onload=alert(1)><script>alert(1)</script></svg>",
  '<svg><a xlink:href="javascript:alert(1)"><text>a</text></a></svg>',
  '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg>"/></svg>',
  "<style>* { display: none }</style>",
  '<p style="background:url(https://example.com/)" class="gs-button">a</p>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<form action="https://example.com/"><input name=a autofocus onfocus=alert(1)></form>',
  "<details open ontoggle=alert(1)>",
  '<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">',
  '<base href="https://example.com/"><meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  "<template><img src=x onerror=alert(1)></template>",
  "<a-b onclick=alert(1) is=x>a</a-b>",
  '<code class="language-x gs-button">a</code><code class="gs-button">a</code>',
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](data:text/html;base64,PHNjcmlwdD4=)",
  "[a](<javascript:alert(1)>)",
  "![a](javascript:alert(1))",
  '![" onerror="alert(1)](x" onerror="alert(1))',
  '[a](https://example.com/" onclick="alert(1))',
  "<javascript:alert(1)>",
  "[a]: javascript:alert(1)\n\n[a]",
  '```"><img/src=x/onerror=alert(1)>\ncode\n```',
  '- ```x" onclick=alert(1)\n  a\n  ```',
];

const text =
  /^(?:a|blockquote|br|code|del|em|h[1-6]|hr|li|ol|p|pre|strong|table|tbody|td|th|thead|tr|ul)$/;
/** Around code, made by this kit itself. */
const frame = /^(?:figure|figcaption|span|button)$/;
const harmless = /^(?:align|start|target|rel|class|tabindex|dir|type|role|data-kind|aria-label)$/;

function dangersIn(root: ParentNode): readonly string[] {
  return [...root.querySelectorAll("*")].flatMap((element) => {
    const { localName, attributes, outerHTML } = element;
    const isKnown = text.test(localName) || frame.test(localName);
    const bad = [...attributes].filter(({ name, value }) =>
      name === "href" ? !/^(?:https?|mailto|tel):/.test(value) : !harmless.test(name),
    );
    const poses = element.matches(".gs-button:not(.gs-code-header > button)");
    return isKnown && bad.length === 0 && !poses ? [] : [outerHTML];
  });
}

/** As another parser would read it, should anybody copy it. */
function again(root: HTMLElement): HTMLElement {
  const copy = document.implementation.createHTMLDocument().body;
  copy.innerHTML = root.innerHTML;
  return copy;
}

test.each(vectors)("nothing of %s can act, as Markdown", (vector) => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  for (const shown of [vector.slice(0, vector.length / 2), vector, `${vector}\n\nMore\n`]) {
    view.update(shown);
    expect(dangersIn(element)).toEqual([]);
    expect(dangersIn(again(element))).toEqual([]);
  }
});
