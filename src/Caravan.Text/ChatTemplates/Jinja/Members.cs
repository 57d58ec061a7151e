using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>What stands behind a dot or in brackets.</summary>
internal static class Members
{
    /// <summary><c>target.name</c>: an attribute, or else the element under that key; undefined when there is neither.</summary>
    /// <exception cref="CaravanException">The target is undefined.</exception>
    public static object Attribute(object target, string name, Budget budget) =>
        FindAttribute(target, name) ?? FindItem(target, name, budget) ?? Missing(target, name, budget);

    /// <summary><c>target[key]</c>: the element under the key, or else the attribute of that name; undefined when there is neither.</summary>
    /// <exception cref="CaravanException">The target is undefined.</exception>
    public static object Item(object target, object key, Budget budget) =>
        FindItem(target, key, budget) ?? (PythonType.AsText(key) is { } name ? FindAttribute(target, name) : null) ?? Missing(target, key, budget);

    /// <summary><c>target[start:stop:step]</c>.</summary>
    /// <exception cref="CaravanException">The target has no order, or a bound is no whole number.</exception>
    public static object Slice(object target, object start, object stop, object step, Budget budget)
    {
        string? text = PythonType.AsText(target);
        IReadOnlyList<object>? items = PythonType.AsSequence(target);
        if (target is Undefined undefined) throw budget.Fail($"cuts a value, but {undefined.Problem}");
        if (text is null && items is null) throw budget.Fail($"cuts a {PythonType.Name(target)}; a text or a list was expected");
        if (text is not null) budget.Characters(text.Length);
        bool isPlain = text is not null && PythonString.Length(text) == text.Length;
        if (text is not null && !isPlain)
        {
            budget.Step(text.Length);
            items = [.. PythonString.Characters(text)];
        }

        int length = items?.Count ?? text!.Length;
        (int from, int count, int stride) = Range(length, Bound(start, budget), Bound(stop, budget), Bound(step, budget) ?? 1, budget);
        budget.Step(count / Limits.StepCharacters);
        if (isPlain) return Marked(target, stride == 1 ? text!.Substring(from, count) : string.Create(count, (text!, from, stride), Fill));
        object[] cut = new object[count];
        for (int i = 0; i < count; i++) cut[i] = items![from + (i * stride)];
        if (text is not null) return Marked(target, string.Concat(cut));
        budget.Step(count);
        return target is List<object> ? new List<object>(cut) : cut;
    }

    private static object Marked(object target, string text) => target is Markup ? new Markup(text) : text;

    private static void Fill(Span<char> span, (string Text, int From, int Stride) source)
    {
        for (int i = 0; i < span.Length; i++) span[i] = source.Text[source.From + (i * source.Stride)];
    }

    /// <summary>The first place of a cut, the number of places and the way from one to the next.</summary>
    private static (int From, int Count, int Stride) Range(int length, BigInteger? start, BigInteger? stop, BigInteger step, Budget budget)
    {
        if (step.IsZero) throw budget.Fail("cuts with a step of 0");
        bool back = step.Sign < 0;
        int from = Clamp(start, back ? length - 1 : 0), to = Clamp(stop, back ? -1 : length);
        // A longer stride than the text reaches no second place either.
        int stride = (int)BigInteger.Max(-length - 1, BigInteger.Min(length + 1, step));
        int count = back ? Math.Max(0, (from - to - stride - 1) / -stride) : Math.Max(0, (to - from + stride - 1) / stride);
        return (count == 0 ? 0 : from, count, stride);

        int Clamp(BigInteger? bound, int absent)
        {
            if (bound is not { } place) return absent;
            if (place.Sign < 0) place += length;
            return (int)BigInteger.Max(back ? -1 : 0, BigInteger.Min(back ? length - 1 : length, place));
        }
    }

    private static BigInteger? Bound(object value, Budget budget) => value is None ? null
        : PythonNumber.AsInteger(value) ?? throw budget.Fail($"cuts at a {PythonType.Name(value)}; a whole number was expected");

    private static object? FindAttribute(object target, string name) => target switch
    {
        Namespace space => space.Attributes.GetValueOrDefault(name),
        Loop loop => loop.Attribute(name),
        Macro macro => macro.Attribute(name),
        Group group when name is "grouper" or "list" => name == "grouper" ? group.Grouper : group.Items,
        Cycler cycler => cycler.Attribute(name),
        _ => Methods.Find(target, name) is { } method ? new BoundBuiltin(method, target) : null,
    };

    private static object? FindItem(object target, object key, Budget budget)
    {
        if (target is PythonDict dict)
            return key is string or Markup or BigInteger or bool or double or None && dict.TryGetValue(KeyComparer.Key(key, budget), out object? value) ? value : null;
        if (PythonNumber.AsInteger(key) is not { } place) return null;
        if (PythonType.AsText(target) is { } text)
        {
            budget.Characters(text.Length);
            int characters = PythonString.Length(text);
            if (place.Sign < 0) place += characters;
            if (place.Sign < 0 || place >= characters) return null;
            int index = PythonString.IndexOf(text, (int)place);
            string character = text[index..PythonString.IndexOf(text, (int)place + 1)];
            return target is Markup ? new Markup(character) : character;
        }

        if (PythonType.AsSequence(target) is not { } items) return null;
        if (place.Sign < 0) place += items.Count;
        return place.Sign < 0 || place >= items.Count ? null : items[(int)place];
    }

    private static Undefined Missing(object target, object key, Budget budget)
    {
        if (target is Undefined undefined) throw budget.Fail($"uses a part of a value, but {undefined.Problem}");
        string? name = PythonType.AsText(key);
        if (name?.Length > 100) name = name[..100] + "…";
        string named = name is not null ? $"attribute '{name}'" : $"element {PythonPrinter.Repr(key, budget)}";
        return Methods.Changes(target, key as string)
            ? new Undefined($"'{key}' would change a {PythonType.Name(target)}, and the values of a template never change")
            : new Undefined($"a {PythonType.Name(target)} has no {named}");
    }
}
