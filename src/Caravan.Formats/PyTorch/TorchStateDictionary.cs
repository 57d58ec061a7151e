namespace Caravan.Formats;

/// <summary>Finds the one dictionary of tensors in what torch.save was given: the root itself, or nested under a name.</summary>
internal static class TorchStateDictionary
{
    private const int MaximumDepth = 4;
    private const int MaximumListed = 4;

    // Training scripts save optimizer states and averaged copies too; these names are the model's by long custom.
    private static readonly string[] ModelNames = ["state_dict", "model_state_dict", "model", "module"];

    /// <summary>The tensors of the model by name, in the file's order; values that are not tensors are left out.</summary>
    /// <exception cref="CaravanException">There is no dictionary of tensors, or several and none has a name by which models go.</exception>
    public static IEnumerable<KeyValuePair<string, TorchTensor>> Find(string path, object? root)
    {
        List<Place> found = Candidates(root);
        if (found.Count == 0)
            throw new CaravanException($"'{path}' holds no dictionary of tensors; save the model's state_dict, best as safetensors.");
        Place? chosen = found.Count == 1 ? found[0] : null;
        foreach (string name in ModelNames) chosen ??= found.FirstOrDefault(place => place.Key == name);
        return (chosen ?? throw Several(path, found)).Dictionary.Named
            .Where(pair => pair.Value is TorchTensor)
            .Select(pair => KeyValuePair.Create(pair.Key, (TorchTensor)pair.Value!));
    }

    /// <summary>Every dictionary that has a tensor under a text key, the outer ones first; a dictionary that holds itself is seen once.</summary>
    private static List<Place> Candidates(object? root)
    {
        List<Place> found = [];
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Queue<Place> waiting = new();
        Visit("", null, root);
        while (waiting.TryDequeue(out Place? place))
        {
            if (place.Dictionary.Named.Any(pair => pair.Value is TorchTensor)) found.Add(place);
            if (place.Depth == MaximumDepth) continue;
            foreach ((string key, object? value) in place.Dictionary.Named) Visit(key, place, value);
            foreach (object? value in place.Dictionary.Others) Visit("#", place, value);
        }

        return found;

        void Visit(string key, Place? parent, object? value)
        {
            if (value is PickleDictionary dictionary && seen.Add(dictionary)) waiting.Enqueue(new Place(key, parent, dictionary));
        }
    }

    private static CaravanException Several(string path, List<Place> found)
    {
        string list = string.Join(", ", found.Take(MaximumListed).Select(place => place.Parent is null ? "the top level" : $"'{place.Name}'"));
        return new CaravanException(
            $"'{path}' holds {found.Count} dictionaries of tensors ({list}{(found.Count > MaximumListed ? ", ..." : "")}) and none goes by " +
            $"{string.Join(" or ", ModelNames.Select(name => $"'{name}'"))}; save the model's own to a file of its own.");
    }

    /// <summary>A dictionary and the key it was found under; the full name is put together only for a message.</summary>
    private sealed record Place(string Key, Place? Parent, PickleDictionary Dictionary)
    {
        public int Depth => Parent is null ? 0 : Parent.Depth + 1;

        public string Name => Parent?.Parent is null ? PickleText.Printable(Key) : $"{Parent.Name}.{PickleText.Printable(Key)}";
    }
}
