Creator "invented"
graph
[
  directed 0
  node [ id 0 label "Amal &quot;Z&quot;" value 3 graphics [ x 1 y 2 ] ]
  node
  [
    id 1
    label "Reda"
  ]
  node [ id 2 ]
  edge [ source 0 target 1 ]
  edge
  [
    source 1
    target 2
    value 1
  ]
]
