using System.Text;

namespace Caravan.Inference;

/// <summary>Objects by their properties, which come in the order of the schema.</summary>
internal static class ObjectSchema
{
    private const int LongestName = 200, MostProperties = 1000;

    /// <summary>The objects that satisfy all of some schemas.</summary>
    public static GrammarNode Node(SchemaReader reader, IReadOnlyList<SchemaPart> schemas)
    {
        HashSet<string> required = [.. schemas.Select(schema => schema.Find("required")).OfType<SchemaPart>().SelectMany(RequiredNames)];
        List<string> names = [.. schemas.Select(schema => schema.Find("properties")).OfType<SchemaPart>().SelectMany(part => part.Members()).Select(member => member.Name)
            .Concat(required).Distinct(StringComparer.Ordinal)];
        if (names.Count > MostProperties) throw schemas[0].Fail($"an object with {names.Count} properties; at most {MostProperties} are possible");
        if (names.Find(name => name.Length > LongestName) is { } longName) throw schemas[0].Fail($"the property's name '{longName[..40]}…' has more than {LongestName} characters");
        bool isOpen = names.Count == 0 || schemas.Any(schema => schema.Find("additionalProperties") is not null);
        CheckCounts(schemas, required.Count, isOpen ? int.MaxValue : names.Count);
        GrammarNode? other = isOpen ? Member(OtherNames(names), reader.Node(schemas.Select(schema => schema.Find("additionalProperties")).OfType<SchemaPart>())) : null;
        // What may stand where no property was written yet, and where one was.
        GrammarNode first = other is null ? GrammarNode.Empty : GrammarNode.Optional(JsonNodes.List(other));
        GrammarNode next = other is null
            ? GrammarNode.Empty
            : new GrammarNode.Repeat(GrammarNode.Of(JsonNodes.Comma, other), 0, GrammarNode.Repeat.Unbounded);
        for (int i = names.Count - 1; i >= 0; i--)
        {
            string name = names[i];
            GrammarNode member = new GrammarNode.Rule(name)
            {
                Body = Member(GrammarNode.Text(JsonNodes.TextOf(name)), reader.Node(schemas.Select(schema => Property(schema, name)).OfType<SchemaPart>())),
            };
            GrammarNode taken = GrammarNode.Of(member, next), takenNext = GrammarNode.Of(JsonNodes.Comma, member, next);
            bool isRequired = required.Contains(name);
            first = new GrammarNode.Rule(name) { Body = isRequired ? taken : GrammarNode.Any(taken, first) };
            next = new GrammarNode.Rule(name) { Body = isRequired ? takenNext : GrammarNode.Any(takenNext, next) };
        }

        return JsonNodes.Enclosed("{", first, "}");
    }

    private static GrammarNode Member(GrammarNode name, GrammarNode value) => GrammarNode.Of(name, JsonNodes.Colon, value);

    private static SchemaPart? Property(SchemaPart schema, string name) => schema.Find("properties")?.Find(name) ?? schema.Find("additionalProperties");

    private static IEnumerable<string> RequiredNames(SchemaPart list) =>
        list.Element.ValueKind == System.Text.Json.JsonValueKind.Array && list.Element.GetArrayLength() == 0 ? [] : list.Items().Select(name => name.Text());

    private static void CheckCounts(IReadOnlyList<SchemaPart> schemas, int least, int most)
    {
        foreach (SchemaPart schema in schemas)
        {
            if (schema.Find("minProperties") is { } minimum && minimum.Count() > least)
                throw minimum.Fail("the keyword 'minProperties' cannot be enforced beyond the properties that are required; require more of them");
            if (schema.Find("maxProperties") is { } maximum && maximum.Count() < most)
                throw maximum.Fail("the keyword 'maxProperties' cannot be enforced; forbid additional properties and leave out what is too much");
        }
    }

    /// <summary>The strings that are none of some names, so that the values of those cannot come by another way.</summary>
    private static GrammarNode OtherNames(List<string> names) =>
        names.Count == 0 ? JsonNodes.String : JsonNodes.Quoted(OtherThan([.. names.Select(name => name.EnumerateRunes().Select(rune => rune.Value).ToArray())], 0));

    /// <summary>What is none of the texts, which are equal up to a place, from there on.</summary>
    private static GrammarNode OtherThan(IReadOnlyList<int[]> texts, int place)
    {
        List<GrammarNode> options = [];
        List<IGrouping<int, int[]>> next = [.. texts.Where(text => text.Length > place).GroupBy(text => text[place])];
        CodePointSet known = CodePointSet.Of(next.Select(group => (group.Key, group.Key)));
        options.Add(GrammarNode.Of(JsonNodes.CharacterOf(known.Complement()), new GrammarNode.Repeat(JsonNodes.Character, 0, GrammarNode.Repeat.Unbounded)));
        foreach (IGrouping<int, int[]> group in next)
            options.Add(GrammarNode.Of(GrammarNode.Text(JsonNodes.TextOf(new Rune(group.Key).ToString())[1..^1]), OtherThan([.. group], place + 1)));
        if (!texts.Any(text => text.Length == place)) options.Add(GrammarNode.Empty);
        return GrammarNode.Any(options);
    }
}
