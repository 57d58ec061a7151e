namespace Caravan.Text.Jinja;

/// <summary>When values are equal, and which comes first.</summary>
internal static class PythonOrder
{
    /// <summary><c>left == right</c>.</summary>
    public static bool AreEqual(object left, object right, Budget budget)
    {
        if (PythonType.AsText(left) is { } text)
        {
            if (PythonType.AsText(right) is not { } other || text.Length != other.Length) return false;
            budget.Characters(text.Length);
            return text == other;
        }

        if (PythonNumber.AsReal(left) is not null) return PythonNumber.AsReal(right) is not null && Numbers(left, right) == 0;
        budget.Step();
        budget.Enter();
        bool equal = (left, right) switch
        {
            (Undefined, Undefined) => true,
            (PythonDict a, PythonDict b) => AreEqual(a, b, budget),
            _ when PythonType.AsSequence(left) is { } a && PythonType.AsSequence(right) is { } b => (left is List<object>) == (right is List<object>) && AreEqual(a, b, budget),
            _ => left == right,
        };
        budget.Leave();
        return equal;
    }

    /// <summary>Below 0, 0 or above 0 as <paramref name="left"/> comes before, with or behind <paramref name="right"/>; null for NaN.</summary>
    /// <exception cref="CaravanException">There is no order between values of these types.</exception>
    public static int? Compare(object left, object right, Budget budget)
    {
        budget.Step();
        if (PythonType.AsText(left) is { } text && PythonType.AsText(right) is { } other)
        {
            budget.Characters(Math.Min(text.Length, other.Length));
            return PythonString.Compare(text, other);
        }

        if (PythonNumber.AsReal(left) is not null && PythonNumber.AsReal(right) is not null) return Numbers(left, right);
        if (PythonType.AsSequence(left) is { } a && PythonType.AsSequence(right) is { } b && (left is List<object>) == (right is List<object>))
        {
            budget.Enter();
            int? order = Compare(a, b, budget);
            budget.Leave();
            return order;
        }

        if ((left as Undefined ?? right as Undefined) is { } undefined) throw budget.Fail($"compares a value, but {undefined.Problem}");
        throw budget.Fail($"compares a {PythonType.Name(left)} with a {PythonType.Name(right)}, between which there is no order");
    }

    /// <summary>Sorted by their keys; equal ones stay in their order.</summary>
    public static List<T> Sorted<T>(IEnumerable<T> items, Func<T, object> key, bool reverse, Budget budget)
    {
        Comparer<object> order = Comparer<object>.Create((left, right) => Compare(left, right, budget) ?? 0);
        try
        {
            return [.. reverse ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is CaravanException problem)
        {
            throw problem;
        }
    }

    /// <summary>Whether <paramref name="whole"/> holds the value: <c>value in whole</c>.</summary>
    /// <exception cref="CaravanException">It cannot hold any.</exception>
    public static bool Contains(object whole, object value, Budget budget)
    {
        if (PythonType.AsText(whole) is { } text)
        {
            if (value is Undefined undefined) throw budget.Fail($"looks for a value in a text, but {undefined.Problem}");
            string part = PythonType.AsText(value) ?? throw budget.Fail($"looks for a {PythonType.Name(value)} in a text");
            budget.Search(text.Length, part.Length);
            return text.Contains(part, StringComparison.Ordinal);
        }

        PythonDict? dict = whole as PythonDict ?? (whole as DictView is { Kind: "keys" } view ? view.Dict : null);
        if (dict is not null) return value is not Undefined && dict.ContainsKey(KeyComparer.Key(value, budget));
        foreach (object item in PythonType.Items(whole, budget))
            if (AreEqual(item, value, budget)) return true;
        return false;
    }

    private static bool AreEqual(PythonDict left, PythonDict right, Budget budget)
    {
        if (left.Count != right.Count) return false;
        foreach ((object key, object value) in left)
            if (!right.TryGetValue(key, out object? other) || !AreEqual(value, other, budget)) return false;
        return true;
    }

    private static bool AreEqual(IReadOnlyList<object> left, IReadOnlyList<object> right, Budget budget)
    {
        if (left.Count != right.Count) return false;
        for (int i = 0; i < left.Count; i++)
            if (!AreEqual(left[i], right[i], budget)) return false;
        return true;
    }

    private static int? Compare(IReadOnlyList<object> left, IReadOnlyList<object> right, Budget budget)
    {
        for (int i = 0; i < left.Count && i < right.Count; i++)
            if (!AreEqual(left[i], right[i], budget)) return Compare(left[i], right[i], budget);
        return left.Count - right.Count;
    }

    private static int? Numbers(object left, object right)
    {
        if (PythonNumber.AsInteger(left) is { } a && PythonNumber.AsInteger(right) is { } b) return a.CompareTo(b);
        (double x, double y) = (PythonNumber.AsReal(left)!.Value, PythonNumber.AsReal(right)!.Value);
        return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
    }
}
