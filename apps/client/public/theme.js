// Runs before the first paint, as a file of its own because the content security policy allows no inline script.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('coppice:theme')
  } catch (error) {
    console.warn('Coppice: the theme is not remembered here, storage is closed to this page.', error)
  }
  var light = choice === 'light' || (choice !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
})()
