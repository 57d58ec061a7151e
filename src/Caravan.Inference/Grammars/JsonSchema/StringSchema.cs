namespace Caravan.Inference;

/// <summary>Strings by length, pattern and format.</summary>
internal static class StringSchema
{
    /// <summary>The strings that satisfy all of some schemas.</summary>
    public static GrammarNode Node(IReadOnlyList<SchemaPart> schemas)
    {
        (int least, int most, string place) = (0, GrammarNode.Repeat.Unbounded, schemas[0].Path);
        List<GrammarNode> conditions = [];
        foreach (SchemaPart schema in schemas)
        {
            if (schema.Find("minLength") is { } minimum) least = Math.Max(least, minimum.Count());
            if (schema.Find("maxLength") is { } maximum) most = Math.Min(most, maximum.Count());
            if (schema.Find("pattern") is { } pattern) conditions.Add(Pattern(pattern));
            if (schema.Find("format") is { } format && StringFormats.Find(format) is { } node) conditions.Add(node);
        }

        if (least > most) throw new SchemaPart(default, place).Fail($"the least length {least} is above the greatest {most}");
        bool bounded = least > 0 || most < GrammarNode.Repeat.Unbounded;
        if (conditions.Count == 0)
            return bounded ? JsonNodes.Quoted(new GrammarNode.Repeat(JsonNodes.Character, least, most)) : JsonNodes.String;
        if (bounded) conditions.Add(new GrammarNode.Repeat(new GrammarNode.Characters(CodePointSet.All), least, most));
        return StringConstraints.All(conditions, place);
    }

    private static GrammarNode Pattern(SchemaPart pattern)
    {
        try
        {
            return RegexParser.ParseSearch(pattern.Text());
        }
        catch (CaravanException problem)
        {
            throw pattern.Fail(problem.Message.TrimEnd('.'));
        }
    }
}
