// Runs in the head, before anything is painted: a dark page must not flash white.
;(function () {
  var theme = null
  try {
    theme = localStorage.getItem('tidegate-theme')
  } catch {
    theme = null
  }
  if (theme !== 'light' && theme !== 'dark')
    theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  document.documentElement.dataset.theme = theme
})()
