const svgNamespace = "http://www.w3.org/2000/svg";
const width = 240;
const height = 48;

/** A line that shows how fast tokens came. */
export interface PacePlot {
  readonly element: SVGSVGElement;
  /** Draws tokens a second, oldest first. */
  draw(history: readonly number[]): void;
}

/** The same figures stand beside it in words, so that nobody has to see it. */
export function createPacePlot(): PacePlot {
  const element = document.createElementNS(svgNamespace, "svg");
  element.setAttribute("class", "gs-plot");
  element.setAttribute("viewBox", `0 0 ${width} ${height}`);
  element.setAttribute("preserveAspectRatio", "none");
  element.setAttribute("aria-hidden", "true");
  const area = document.createElementNS(svgNamespace, "polygon");
  const line = document.createElementNS(svgNamespace, "polyline");
  element.append(area, line);

  return {
    element,
    draw(history) {
      const points = plotPoints(history);
      line.setAttribute("points", points);
      area.setAttribute("points", points && `0,${height} ${points} ${width},${height}`);
    },
  };
}

/** The line from edge to edge, its highest point just below the top. */
function plotPoints(history: readonly number[]): string {
  if (history.length < 2) return "";
  const highest = Math.max(...history, 1);
  const step = width / (history.length - 1);
  return history
    .map((rate, index) => {
      const x = index * step;
      const y = height - 1 - (rate / highest) * (height - 4);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}
