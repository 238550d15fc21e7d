/** A measurement at a time, in hours. */
export interface Point {
  hours: number;
  value: number;
}

/** A straight line through points. */
export interface Line {
  points: number;
  mean: number;
  /** In units of the value an hour, and its standard error. */
  slope: number;
  error: number;
  /** Between the first point and the last. */
  hours: number;
}

/** Fits a line by least squares; undefined if there are fewer than five points, or all at one time. */
export function fitLine(points: Point[]): Line | undefined {
  const count = points.length;
  if (count < 5) return undefined;
  const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const middle = meanOf(points.map(({ hours }) => hours));
  const mean = meanOf(points.map(({ value }) => value));
  let spread = 0;
  let together = 0;
  for (const { hours, value } of points) {
    spread += (hours - middle) ** 2;
    together += (hours - middle) * (value - mean);
  }
  if (spread === 0) return undefined;
  const slope = together / spread;
  const rest = points.reduce(
    (sum, { hours, value }) => sum + (value - mean - slope * (hours - middle)) ** 2,
    0,
  );
  const times = points.map(({ hours }) => hours);
  return {
    points: count,
    mean,
    slope,
    error: Math.sqrt(rest / (count - 2) / spread),
    hours: Math.max(...times) - Math.min(...times),
  };
}

/**
 * The least of each stretch of time: what a process holds when it has just collected its garbage, which is what may grow
 * without end.
 */
export function leastOf(points: Point[], stretchHours: number): Point[] {
  const stretches = Map.groupBy(points, ({ hours }) => Math.floor(hours / stretchHours));
  return [...stretches.values()].map((stretch) =>
    stretch.reduce((least, point) => (point.value < least.value ? point : least)),
  );
}

/**
 * Whether a line certainly rises by more than is allowed while it was watched: its slope less two standard errors counts.
 * @param allowed in the units of the value
 */
export function rises(line: Line, allowed: number): boolean {
  return (line.slope - 2 * line.error) * line.hours > allowed;
}
