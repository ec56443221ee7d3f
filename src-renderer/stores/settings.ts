import { defineStore } from 'pinia'
import type { Category } from '../kinds/view.ts'
import { kept } from './kept.ts'

/** `system` follows the machine, also while the app runs; `contrast` is for eyes that need more of it. */
export type Theme = 'system' | 'light' | 'dark' | 'contrast'
/** Languages that the app is written in, as BCP 47 names them. */
export type Language = 'en' | 'zh-CN'

/** What a person set. Sizes are pixels. */
export const useSettings = defineStore('settings', () => {
  const preferred: Language = navigator.language.startsWith('zh') ? 'zh-CN' : 'en'
  return {
    theme: kept<Theme>('drydock.theme', 'system'),
    language: kept<Language>('drydock.language', preferred),
    drawerWidth: kept('drydock.drawerWidth', 520),
    /** Columns left out, by view. */
    hiddenColumns: kept<Record<string, string[]>>('drydock.hiddenColumns', {}),
    /** Ids of columns in the order they are wanted in, and how wide each is; by view. */
    columnOrder: kept<Record<string, string[]>>('drydock.columnOrder', {}),
    columnWidths: kept<Record<string, Record<string, number>>>('drydock.columnWidths', {}),
    /**
     * By cluster: the namespaces that are asked one by one where the whole may not be read, and whether they alone are meant where it may.
     * None is as the kubeconfig says.
     */
    namespaces: kept<Record<string, { names: string[]; only: boolean }>>('drydock.namespaces', {}),
    /** Whether kinds stand beside the page: always, never, or where the window is wide enough. */
    sidebar: kept<'auto' | 'open' | 'closed'>('drydock.sidebar', 'auto'),
    /** Categories of the sidebar whose kinds are not shown. */
    folded: kept<Category[]>('drydock.folded', ['system']),
    /** The program that terminals start; empty for the best shell there is. */
    shell: kept('drydock.shell', ''),
    dockHeight: kept('drydock.dockHeight', 300),
    /** Width of the right side of the dock when it is split. */
    dockRight: kept('drydock.dockRight', 480),
    /** How logs are shown, and how they are searched. */
    logWrap: kept('drydock.logs.wrap', true),
    logTimes: kept('drydock.logs.times', false),
    logColours: kept('drydock.logs.colours', true),
    logJson: kept('drydock.logs.json', false),
    logRegex: kept('drydock.logs.regex', false),
    logMatchCase: kept('drydock.logs.matchCase', false),
    logOnlyHits: kept('drydock.logs.onlyHits', false),
  }
})
