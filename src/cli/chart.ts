const eighths = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * A small chart of columns made of block characters, with the highest and lowest value at its side. It begins at zero,
 * unless all values lie close together and high above it.
 * @param values from left to right, zero or more each
 * @param options.height lines
 * @param options.width characters of a column, the gap included
 */
export function columnChart(
  values: readonly number[],
  { height = 5, width = 4 }: { height?: number; width?: number } = {},
): string[] {
  if (values.length === 0) return [];
  const most = Math.max(...values);
  const least = Math.min(...values);
  const floor = least > most / 2 ? Math.max(0, Math.floor(least - Math.max(1, most - least) / 4)) : 0;
  const filled = values.map((value) =>
    most === floor ? 0 : Math.round(((value - floor) / (most - floor)) * height * 8),
  );
  const label = (line: number) =>
    line === height - 1 ? most.toLocaleString('en') : line === 0 ? floor.toLocaleString('en') : '';
  const labelWidth = Math.max(label(0).length, label(height - 1).length);
  return Array.from({ length: height }, (_, index) => {
    const line = height - 1 - index;
    const cells = filled.map((eight) => {
      const part = Math.min(8, Math.max(0, eight - line * 8));
      return (eighths[part] || ' ').repeat(width - 1).concat(' ');
    });
    return `${label(line).padStart(labelWidth)} │${cells.join('')}`.trimEnd();
  });
}
