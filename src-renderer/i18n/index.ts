import { createI18n } from 'vue-i18n'
import { en } from './en.ts'
import { createSentences } from './sentences.ts'
import { zh } from './zh-cn.ts'
import { zhSentences } from './zh-cn-sentences.ts'

/** Both languages are small enough to be there at once: switching is instant. */
export function createTranslations(settings: { language: string }) {
  return createI18n({
    legacy: false,
    locale: settings.language,
    fallbackLocale: 'en',
    messages: { en, 'zh-CN': zh },
    missingWarn: false,
    fallbackWarn: false,
  })
}

const inChinese = createSentences(zhSentences)

/** What the gateway says, in a language of the app. */
export const saidIn = (language: string, text: string): string => (language === 'zh-CN' ? inChinese(text) : text)

/** Says the lines of a log, each looked at once: logs grow by a line at a time. */
export function createLogWords(words: (line: string) => string): (lines: readonly string[]) => string[] {
  const known = new Map<string, string>()
  const said = (line: string): string => {
    const before = known.get(line)
    if (before !== undefined) return before
    const now = words(line)
    known.set(line, now)
    return now
  }
  return (lines) => lines.map(said)
}
