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
