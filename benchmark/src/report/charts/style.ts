/** GitHub's colours. The card keeps the text readable where the page and the reader's choice differ. */
export const STYLE = `
text { font: 12px -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.panel { font-weight: 600 }
.quiet { fill: #59636e }
.label { text-anchor: end; fill: #59636e }
.ours-text { fill: #1f2328; font-weight: 600 }
.card { fill: #ffffff; stroke: #d1d9e0 }
.ours { fill: #0969da }
.theirs { fill: #afb8c1 }
.limit { fill: none; stroke: #818b98; stroke-dasharray: 3 2 }
.spread { stroke: #1f2328; stroke-width: 1.5; opacity: 0.55 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.quiet, .label { fill: #9198a1 }
.ours-text { fill: #f0f6fc }
.card { fill: #0d1117; stroke: #3d444d }
.ours { fill: #4493f8 }
.theirs { fill: #545d68 }
.limit { stroke: #9198a1 }
.spread { stroke: #f0f6fc }
}
`;
