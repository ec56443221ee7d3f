const hues = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

/** The sixteen colours that programs name, in the order of their numbers: tokens of the style sheet, and what xterm calls them. */
export const terminalColours: ReadonlyArray<{ token: string; name: string }> = [
  ...hues.map((hue) => ({ token: `--terminal-${hue}`, name: hue })),
  ...hues.map((hue) => ({ token: `--terminal-bright-${hue}`, name: `bright${hue[0]!.toUpperCase()}${hue.slice(1)}` })),
]
