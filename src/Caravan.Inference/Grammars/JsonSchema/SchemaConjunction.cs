using System.Text.Json;

namespace Caravan.Inference;

/// <summary>Schemas that must all hold, with references and <c>allOf</c> taken apart.</summary>
internal sealed class SchemaConjunction
{
    /// <summary>Schemas of which one must hold.</summary>
    /// <param name="List">The <c>anyOf</c> or <c>oneOf</c>.</param>
    /// <param name="IsExclusive">Whether no two may hold.</param>
    public sealed record Group(SchemaPart List, bool IsExclusive);

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly SchemaPart root;

    public SchemaConjunction(SchemaPart root, IEnumerable<SchemaPart> parts)
    {
        this.root = root;
        foreach (SchemaPart part in parts) Add(part);
    }

    private SchemaConjunction(SchemaConjunction other)
    {
        root = other.root;
        (IsNever, Leaves, Groups) = (other.IsNever, [.. other.Leaves], [.. other.Groups]);
    }

    /// <summary>What the schemas say themselves.</summary>
    public List<SchemaPart> Leaves { get; } = [];

    public List<Group> Groups { get; } = [];

    /// <summary>Whether one of them is <c>false</c>.</summary>
    public bool IsNever { get; private set; }

    /// <summary>Equal for equal conjunctions.</summary>
    public string Key => string.Join('\n', Leaves.Select(leaf => leaf.Path).Concat(Groups.Select(group => group.List.Path)));

    /// <summary>The same without the first group, but with one of its schemas; one that comes back to the group brings it back too.</summary>
    public SchemaConjunction Choosing(SchemaPart option)
    {
        SchemaConjunction chosen = new(this);
        chosen.Groups.RemoveAt(0);
        chosen.Add(option);
        return chosen;
    }

    private void Add(SchemaPart schema)
    {
        if (!seen.Add(schema.Path)) return;
        switch (schema.Element.ValueKind)
        {
            case JsonValueKind.True: return;
            case JsonValueKind.False: IsNever = true; return;
            case JsonValueKind.Object: break;
            default: throw schema.Fail("a schema was expected: an object, true or false");
        }

        if (seen.Count > 1000) throw schema.Fail("more than 1000 schemas are to hold at once");
        SchemaKeywords.Check(schema);
        if (schema.Find("$ref") is { } reference) Add(Resolve(reference));
        if (schema.Find("allOf") is { } all) all.Items().ForEach(Add);
        if (schema.Find("anyOf") is { } any) Add(new Group(any, IsExclusive: false));
        if (schema.Find("oneOf") is { } one) Add(new Group(one, IsExclusive: true));
        if (SchemaKeywords.SaysAnything(schema) && !Leaves.Exists(leaf => leaf.Path == schema.Path)) Leaves.Add(schema);
    }

    private void Add(Group group)
    {
        if (!Groups.Exists(known => known.List.Path == group.List.Path)) Groups.Add(group);
    }

    private SchemaPart Resolve(SchemaPart reference)
    {
        string pointer = reference.Text();
        if (pointer != "#" && !pointer.StartsWith("#/", StringComparison.Ordinal))
            throw reference.Fail($"the reference '{pointer}' leads out of the schema; only JSON pointers such as '#/$defs/name' are followed");
        SchemaPart target = root;
        foreach (string step in pointer.Split('/').Skip(1))
        {
            string name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            SchemaPart? next = target.Element.ValueKind == JsonValueKind.Array
                ? int.TryParse(name, out int index) && index >= 0 && index < target.Element.GetArrayLength() ? new SchemaPart(target.Element[index], $"{target.Path}/{index}") : null
                : target.Find(name);
            target = next ?? throw reference.Fail($"the reference '{pointer}' leads nowhere");
        }

        return target;
    }
}
