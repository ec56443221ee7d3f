import { useMutationObserver } from '@vueuse/core'
import { computed, shallowRef, type ComputedRef } from 'vue'
import type { Rgb } from './readable-colour.ts'
import { terminalColours } from './terminal-colours.ts'
import { lookOf, type Look, type Palette } from './text-look.ts'
import type { TextStyle } from './text-style.ts'

/** `#fff` (the bundler shortens colours) or `#ffffff`. */
function rgbOfHex(hex: string): Rgb {
  const digits = hex.length === 4 ? hex.slice(1).replaceAll(/./g, '$&$&') : hex.slice(1)
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)) as unknown as Rgb
}

/** The palette of a theme whose tokens have these values. */
export function paletteFrom(token: (name: string) => string): Palette {
  const colour = (name: string): Rgb => rgbOfHex(token(name).trim())
  return {
    named: terminalColours.map(({ token: name }) => colour(name)),
    text: colour('--text'),
    grounds: [colour('--ground'), colour('--accent-ground')],
  }
}

function paletteOf(root: HTMLElement): Palette {
  const style = getComputedStyle(root)
  return paletteFrom((name) => style.getPropertyValue(name))
}

/** How styled text is drawn in the theme that is on; another theme gives another function. Must be called in setup. */
export function useTextLook(): ComputedRef<(style: TextStyle) => Look> {
  const root = document.documentElement
  const palette = shallowRef(paletteOf(root))
  useMutationObserver(root, () => (palette.value = paletteOf(root)), { attributeFilter: ['data-theme'] })
  return computed(() => remembered(palette.value))
}

/** Programs use few styles, each many times. */
function remembered(palette: Palette): (style: TextStyle) => Look {
  const looks = new Map<string, Look>()
  return (style) => {
    const key = JSON.stringify(style)
    let look = looks.get(key)
    if (!look) {
      // A picture in characters has a colour of its own for each.
      if (looks.size >= 1000) looks.clear()
      looks.set(key, (look = lookOf(style, palette)))
    }
    return look
  }
}
