import { promiseTimeout, until } from '@vueuse/core'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connectionKey } from './api/context.ts'
import { createConnection } from './api/connection.ts'
import type { SocketLike } from './api/line.ts'
import { createTranslations, saidIn } from './i18n/index.ts'
import { createAppRouter } from './router.ts'
import { giveOwnIds } from './stores/own-ids.ts'
import { useSettings } from './stores/settings.ts'
import { sharePreferences } from './stores/share-preferences.ts'
import { useUi } from './stores/ui.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shared.css'

const address = new URL('socket', location.href.replace(/[?#].*$/, ''))
address.protocol = 'ws:'

giveOwnIds()
const app = createApp(App)
app.use(createPinia())
const translations = createTranslations(useSettings())
/** A socket does not tell why it was not opened; a page does. */
const isRefused = async (): Promise<boolean> => {
  const answer = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).catch(() => undefined)
  return answer?.status === 401
}
const connection = createConnection(() => new WebSocket(address) as SocketLike, undefined, {
  isRefused,
  words: (text) => saidIn(translations.global.locale.value, text),
})
sharePreferences({
  connection,
  failed: (why) => useUi().toast('error', translations.global.t('settings.notKept', { why })),
})
app.use(translations)
app.use(createAppRouter())
app.provide(connectionKey, connection)

// In a browser that has not been here before, what a person set elsewhere comes first: nobody is shown another theme and language for a moment.
const isNew = localStorage.getItem('drydock.preferences') === null
const told = Promise.race([until(connection.preferences).toBeTruthy(), promiseTimeout(300)])
if (isNew) void told.then(() => app.mount('#app'))
else app.mount('#app')
