import { computed, readonly, ref } from 'vue'

const now = ref(Date.now())
const held = ref<number>()
const shown = computed(() => held.value ?? now.value)
let hasStarted = false

/** The wall clock in milliseconds, once a second. */
export function useWallClock() {
  if (!hasStarted) {
    hasStarted = true
    setInterval(() => (now.value = Date.now()), 1000)
  }
  return readonly(now)
}

/** The time as of which the cluster is shown: {@link useWallClock}, or the moment that is looked at. Only what shows an age depends on it. */
export function useNow() {
  useWallClock()
  return shown
}

/** Tells ages as of a moment from now on; undefined lets time go on. */
export function holdNow(at: number | undefined): void {
  held.value = at
}

/** A duration as kubectl prints ages: `45s`, `3m10s`, `5h`, `12d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return `${minutes}m${seconds % 60 ? `${seconds % 60}s` : ''}`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return `${hours}h${minutes % 60 ? `${minutes % 60}m` : ''}`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (days < 730) return `${days}d`
  return `${Math.floor(days / 365)}y`
}
