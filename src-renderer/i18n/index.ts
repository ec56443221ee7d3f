import { createI18n } from 'vue-i18n'
import { en } from './en.ts'
import { zh } from './zh-cn.ts'

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
