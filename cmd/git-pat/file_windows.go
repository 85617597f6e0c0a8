package main

// nonBlocking is nothing: there are no pipes among the files.
const nonBlocking = 0
