/// What a pointer, or a finger, shows of a chart: the `<title>` or the `title` of what it is over, at once and beside it. Without
/// the script browsers show the same, after a while and on screens with a pointer.
enum Tooltips {
    static let style: HTML = """
        #tip { position: fixed; z-index: 1; pointer-events: none; white-space: pre-line; max-width: 20rem; padding: .3rem .55rem;
          background: var(--ink); color: var(--paper); border-radius: .25rem; font-size: .8rem; line-height: 1.4;
          font-variant-numeric: tabular-nums; }
        @media print { #tip { display: none; } }
        """

    /// The page's policy lets no other script run: whoever changes this changes ``digest`` too. It is well-formed XML as it is.
    static let script = HTML(
        verbatim: """
            const tip = document.createElement("div");
            tip.id = "tip";
            tip.hidden = true;
            document.body.append(tip);
            function show(event) {
              const owner = event.target.closest("[data-tip], [title], svg :has(> title)");
              tip.hidden = !owner;
              if (!owner) return;
              if (!owner.dataset.tip) {
                const title = owner.querySelector(":scope > title");
                owner.dataset.tip = title ? title.textContent : owner.title;
                owner.setAttribute("aria-label", owner.dataset.tip);
                if (title) title.remove();
                else owner.removeAttribute("title");
              }
              tip.textContent = owner.dataset.tip;
              const right = innerWidth > event.clientX + 14 + tip.offsetWidth;
              tip.style.left = Math.max(4, right ? event.clientX + 14 : event.clientX - 14 - tip.offsetWidth) + "px";
              tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 4)) + "px";
            }
            for (const name of ["pointermove", "pointerdown"]) addEventListener(name, show);
            for (const name of ["pointerleave", "scroll"]) document.addEventListener(name, () => { tip.hidden = true; });
            """)

    /// SHA-256 of ``script`` in Base64, as a Content-Security-Policy has it.
    static let digest = "sha256-qij60Sh8oDvTgLtVLjhatCV07KjxL6C/pu7u8md6pKI="
}
