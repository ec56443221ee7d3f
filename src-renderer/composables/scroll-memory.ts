/** How far lists were scrolled, in pixels, so that coming back to one finds it as it was left; lives as long as the window. */
const places = new Map<string, number>()

export const scrollMemory = {
  of: (list: string): number => places.get(list) ?? 0,
  keep(list: string, top: number): void {
    if (top > 0) places.set(list, top)
    else places.delete(list)
  },
}
