import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connectionKey } from './api/context.ts'
import { createConnection } from './api/connection.ts'
import type { SocketLike } from './api/line.ts'
import { createTranslations } from './i18n/index.ts'
import { createAppRouter } from './router.ts'
import { useSettings } from './stores/settings.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shared.css'

const address = new URL('socket', location.href.replace(/[?#].*$/, ''))
address.protocol = 'ws:'

const app = createApp(App)
app.use(createPinia())
app.use(createTranslations(useSettings()))
app.use(createAppRouter())
app.provide(
  connectionKey,
  createConnection(() => new WebSocket(address) as SocketLike),
)
app.mount('#app')
