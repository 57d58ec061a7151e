using System.Text.Encodings.Web;
using System.Text.Json;

namespace Caravan.Training.Synthesis;

/// <summary>JSON objects made from a text: the fields that a list, an example or a schema asks for; null for what the text does not say.</summary>
internal sealed class Extraction : Skill
{
    private static readonly Phrase ByList = new("""
        (Extract|Get|Take|Find) [the ]{fields} from [this|the] text (as|in) JSON[ (format|form)].\n{text}
        {text}\n(Extract|Get|Return) {fields} (as|in) JSON[.]
        {text}\n\n[Please ](write|give me|return) {fields} as [a ]JSON[ object][.]
        JSON with {fields}: {text}
        Make [a ]JSON[ object] with [the keys ]{fields} from: {text}
        Turn [this|the text] into JSON with {fields}.\n{text}
        Text: {text}\nFields: {fields}\n[JSON:]
        Fields: {fields}\nText: {text}\n[JSON:]
        {text}\nFields: {fields}[\nAnswer in JSON.]
        (What are|Give me) {fields}? Answer in JSON.\n{text}
        """);

    private static readonly Phrase BySchema = new("""
        {text}\n[JSON ](schema|Schema): {schema}
        [JSON ](schema|Schema): {schema}\n[Text: ]{text}
        (Extract|Get) [a ]JSON[ object] (for|by|with) this schema: {schema}\n{text}
        {text}\n(Fill in|Fill|Answer by|Use) [this|the] schema: {schema}
        Answer with JSON (like|of the form) {schema}\n{text}
        """);

    private static readonly Phrase ByListChinese = new("""
        请从下文提取{fields}，用JSON回答。\n{text}
        {text}\n提取{fields}，输出JSON[。]
        把{fields}写成JSON：{text}
        文章：{text}\n字段：{fields}
        """);

    private static readonly Phrase BySchemaChinese = new("""
        {text}\n按此格式输出JSON：{schema}
        模式：{schema}\n{text}
        """);

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override string Name => "json";

    public override string Summary => "Extracts JSON objects from texts, by a list of fields or a schema.";

    public override double Weight => 0.1;

    public override void Converse(Conversation conversation, Draw draw)
    {
        (World world, string text, List<Field> fields) = Record(draw);
        if (draw.Chance(0.15)) conversation.Instruct(draw.Pick<string>(["Answer in JSON.", "Answer only with JSON.", "You extract data.", "Reply with one JSON object and nothing else."]));
        bool schema = draw.Chance(0.45);
        Phrase frame = world.IsChinese ? schema ? BySchemaChinese : ByListChinese : schema ? BySchema : ByList;
        string question = schema
            ? frame.Say(draw, ("text", text), ("schema", Schema(draw, fields)))
            : frame.Say(draw, ("text", text), ("fields", Listed(draw, world, fields)));
        string answer = Written(fields);
        conversation.Ask(question.Replace("\\n", "\n", StringComparison.Ordinal).TrimEnd());
        conversation.Answer(answer, new JsonCheck(answer));
    }

    public override string Text(Draw draw)
    {
        List<string> parts = [];
        for (int i = draw.Between(2, 4); i > 0; i--)
        {
            (_, string text, List<Field> fields) = Record(draw);
            parts.Add($"{text}\n{Written(fields)}");
        }

        return string.Join("\n\n", parts);
    }

    /// <summary>A text about one or two subjects, and what is to be found of the first.</summary>
    private static (World World, string Text, List<Field> Fields) Record(Draw draw)
    {
        World world = draw.Pick(WorldCatalog.All);
        (List<Fact> facts, List<Field> fields) = draw.Content(
            () =>
            {
                Subject subject = world.Subject(draw);
                List<Fact> all = world.Facts(draw, subject, draw.Between(1, 4));
                List<Field> asked = [.. all.Where(_ => all.Count < 3 || draw.Chance(0.8)).Select(fact => new Field(fact.Trait.Key, fact.Trait.IsNumber, fact.Value))];
                if (draw.Chance(0.15) && world.Traits.Where(trait => all.All(fact => fact.Trait != trait)).ToArray() is { Length: > 0 } others)
                    asked.Add(draw.Pick(others) is var missing ? new Field(missing.Key, missing.IsNumber, null) : asked[0]);
                if (draw.Chance(0.4)) asked = draw.Shuffled(asked);
                if (draw.Chance(0.7) || asked.Count == 0) asked.Insert(0, new Field(world.IsChinese ? "姓名" : "name", false, subject.Title));
                return (all, asked);
            },
            record => string.Join(';', record.Item1.Select(fact => fact.Spelling)));
        return (world, World.Joined(World.Sentences(draw, draw.Chance(0.3) ? draw.Shuffled(facts) : facts)), fields);
    }

    private static string Listed(Draw draw, World world, List<Field> fields)
    {
        string[] keys = [.. fields.Select(field => field.Key)];
        return world.IsChinese ? string.Join('、', keys) : draw.Chance(0.5) ? string.Join(", ", keys) : keys.Joined();
    }

    private static string Schema(Draw draw, List<Field> fields) => draw.Below(3) switch
    {
        0 => "{" + string.Join(", ", fields.Select(field => $"\"{field.Key}\": {(field.IsNumber ? "number" : "string")}")) + "}",
        1 => "{" + string.Join(", ", fields.Select(field => $"\"{field.Key}\": \"{(field.IsNumber ? "integer" : "string")}\"")) + "}",
        _ => "{\"type\": \"object\", \"properties\": {"
            + string.Join(", ", fields.Select(field => $"\"{field.Key}\": {{\"type\": \"{(field.IsNumber ? "integer" : "string")}\"}}")) + "}"
            + (draw.Chance(0.5) ? $", \"required\": [{string.Join(", ", fields.Select(field => $"\"{field.Key}\""))}]" : "") + "}",
    };

    private static string Written(List<Field> fields) => "{" + string.Join(", ", fields.Select(field =>
        $"\"{field.Key}\": {(field.Value is not { } value ? "null" : field.IsNumber ? value : JsonSerializer.Serialize(value, Plain))}")) + "}";

    private sealed record Field(string Key, bool IsNumber, string? Value);
}
