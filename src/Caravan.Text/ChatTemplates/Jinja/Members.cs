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
        BigInteger stride = Bound(step, budget) ?? 1;
        if (stride.IsZero) throw budget.Fail("cuts with a step of 0");
        if (text is not null && PythonString.Length(text) is var length && length == text.Length)
        {
            budget.Characters(length);
            string cut = Cut(Indices(length, start, stop, stride, budget), stride, text);
            return target is Markup ? new Markup(cut) : cut;
        }

        if (text is not null)
        {
            budget.Step(text.Length);
            object[] characters = [.. PythonString.Characters(text)];
            return string.Concat(Indices(characters.Length, start, stop, stride, budget).Select(index => characters[index]));
        }

        budget.Step(items!.Count);
        List<object> cutItems = [.. Indices(items.Count, start, stop, stride, budget).Select(index => items[index])];
        return target is List<object> ? cutItems : cutItems.ToArray();
    }

    private static string Cut(IEnumerable<int> indices, BigInteger stride, string text)
    {
        if (!stride.IsOne) return new string([.. indices.Select(index => text[index])]);
        int first = -1, count = 0;
        foreach (int index in indices)
        {
            if (count++ == 0) first = index;
        }

        return count == 0 ? "" : text.Substring(first, count);
    }

    private static IEnumerable<int> Indices(int length, object start, object stop, BigInteger stride, Budget budget)
    {
        bool back = stride.Sign < 0;
        BigInteger from = Clamp(Bound(start, budget), back ? length - 1 : 0), to = Clamp(Bound(stop, budget), back ? -1 : length);
        return Run();

        BigInteger Clamp(BigInteger? bound, int absent)
        {
            if (bound is not { } place) return absent;
            if (place.Sign < 0) place += length;
            return BigInteger.Max(back ? -1 : 0, BigInteger.Min(back ? length - 1 : length, place));
        }

        IEnumerable<int> Run()
        {
            for (BigInteger i = from; back ? i > to : i < to; i += stride) yield return (int)i;
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
        string named = PythonType.AsText(key) is { } name ? $"attribute '{(name.Length > 100 ? name[..100] + "…" : name)}'" : $"element {PythonPrinter.Repr(key, budget)}";
        return Methods.Changes(target, key as string)
            ? new Undefined($"'{key}' would change a {PythonType.Name(target)}, and the values of a template never change")
            : new Undefined($"a {PythonType.Name(target)} has no {named}");
    }
}
