// Stands first on the search path when the package is built without oneDNN.
#error "oneDNN's header was included although the OneDNN trait is off"
