import { useI18n } from 'vue-i18n'
import type { WishProblem } from '../../src-wire/gateway/clusters.ts'
import { saidIn } from '../i18n/index.ts'

/** Says what speaks against a field of a wish; what Docker or a snapshot is said to lack too is in the app's language. Must be called in setup. */
export function useProblemWords(): (problem: WishProblem) => string {
  const { t, locale } = useI18n()
  return ({ code, facts }) => {
    const { detail } = facts
    const said = typeof detail === 'string' ? { ...facts, detail: saidIn(locale.value, detail) } : facts
    return t(`create.problems.${code}`, said)
  }
}
