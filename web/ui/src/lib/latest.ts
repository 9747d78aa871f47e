/** Takes the answer to the question asked last: an earlier one that comes late is dropped. Nothing is awaited after forget(). */
export class Latest {
  private asked = 0

  ask<T>(answer: Promise<T>, take: (x: T) => void, fail: (e: unknown) => void = () => {}) {
    const own = ++this.asked
    return answer.then(
      (x) => {
        if (own === this.asked) take(x)
      },
      (e: unknown) => {
        if (own === this.asked) fail(e)
      },
    )
  }

  forget() {
    this.asked++
  }
}
