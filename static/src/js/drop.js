// .drop: says that a file may be let go here. The field inside fills the zone and takes the file by itself.
const zone = (event) => event.target.closest?.(".drop");

document.addEventListener("dragover", (event) => {
  if (zone(event)) zone(event).dataset.over = "";
});
for (const name of ["dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (zone(event)) delete zone(event).dataset.over;
  });
}
