using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>The variable <c>loop</c>: where a loop is. Looks ahead only when it is asked, so that a filter sees what the body did before.</summary>
/// <param name="items">What the loop goes through.</param>
/// <param name="known">The number of items, when it is known without going through them.</param>
/// <param name="depth">How many loops of a recursive loop are around this one.</param>
/// <param name="recurse">Renders the body for other items; null for a loop that is not recursive.</param>
internal sealed record Loop(IEnumerable<object> items, int? known, int depth, Func<Interpreter, object, Loop, object>? recurse) : Callable("loop")
{
    private readonly IEnumerator<object> rest = items.GetEnumerator();
    private readonly Queue<object> ahead = new();
    private object? changedFrom;

    /// <summary>Rounds so far.</summary>
    public int Index { get; private set; }

    /// <summary>The item of this round.</summary>
    public object Item { get; private set; } = None.Value;

    /// <summary>The item of the round before.</summary>
    public object Previous { get; private set; } = new Undefined("there is no previous item");

    /// <summary>Number of rounds, those to come included.</summary>
    public int Length
    {
        get
        {
            if (known is { } count) return count;
            while (rest.MoveNext()) ahead.Enqueue(rest.Current);
            return Index + ahead.Count;
        }
    }

    /// <summary>How many loops of a recursive loop are around this one.</summary>
    public int Depth => depth;

    private object? Next => ahead.Count > 0 || LookAhead() ? ahead.Peek() : null;

    /// <summary>Goes to the next round; false when there is none.</summary>
    public bool Advance()
    {
        if (ahead.Count == 0 && !LookAhead()) return false;
        if (Index++ > 0) Previous = Item;
        Item = ahead.Dequeue();
        return true;
    }

    /// <summary>An attribute, or null when there is none of that name.</summary>
    public object? Attribute(string name) => name switch
    {
        "index" => new BigInteger(Index),
        "index0" => new BigInteger(Index - 1),
        "first" => Index == 1,
        "last" => Next is null,
        "length" => new BigInteger(Length),
        "revindex" => new BigInteger(Length - Index + 1),
        "revindex0" => new BigInteger(Length - Index),
        "depth" => new BigInteger(depth + 1),
        "depth0" => new BigInteger(depth),
        "previtem" => Previous,
        "nextitem" => Next ?? new Undefined("there is no next item"),
        "cycle" => new BoundBuiltin(new Builtin("loop.cycle", ["*"], Cycle), this),
        "changed" => new BoundBuiltin(new Builtin("loop.changed", ["*"], Changed), this),
        _ => null,
    };

    /// <inheritdoc/>
    public override object Call(Interpreter run, Arguments arguments) => recurse is null || arguments.Positional.Count != 1
        ? throw run.Budget.Fail("calls 'loop', which is for loops marked 'recursive' and takes one argument")
        : recurse(run, arguments.Positional[0], this);

    private bool LookAhead()
    {
        if (!rest.MoveNext()) return false;
        ahead.Enqueue(rest.Current);
        return true;
    }

    private object Cycle(Invocation call) => call.Arguments.Positional.Count == 0
        ? throw call.Budget.Fail("calls 'loop.cycle' without values")
        : call.Arguments.Positional[(Index - 1) % call.Arguments.Positional.Count];

    private object Changed(Invocation call)
    {
        object now = call.Arguments.Positional.ToArray();
        bool changed = changedFrom is null || !PythonOrder.AreEqual(changedFrom, now, call.Budget);
        changedFrom = now;
        return changed;
    }
}
