using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>The template language, one construct after the other: see jinja-cases.txt.</summary>
public class JinjaTests
{
    private const string Variables = """
        {"s": "Hello World", "u": "é世🌍", "e": "", "n": 7, "f": 2.5, "t": true, "none": null, "l": [3, 1, 2], "d": {"b": 1, "a": [1, 2]},
         "people": [{"name": "Ann", "age": 30}, {"name": "bob", "age": 25}, {"name": "Cid"}]}
        """;

    [Theory]
    [MemberData(nameof(Cases))]
    public void WritesWhatIsDocumented(string template, string expected)
    {
        template = template.Replace('¶', '\n');
        if (expected.StartsWith('!'))
            Assert.Contains(expected[1..], Assert.ThrowsAny<CaravanException>(() => Render(template)).Message, StringComparison.Ordinal);
        else Assert.Equal(expected.Replace('¶', '\n'), Render(template));
    }

    [Fact]
    public void RefusalsNameTheLine()
    {
        CaravanException problem = Assert.Throws<CaravanException>(() => Render("a\n{% if t %}\n  {{ s }}\n  {{ s + n }}\n{% endif %}"));
        Assert.Equal("The chat template, line 4, applies '+' to a str and a int, for which it has no meaning.", problem.Message);
        Assert.Contains("line 3", Assert.Throws<CaravanException>(() => ChatTemplate.Parse("\n\n{% if %}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTemplatesOwnMessageIsUnchanged() =>
        Assert.Equal("Roles must alternate!", Assert.Throws<ChatTemplateException>(() => Render("{{ raise_exception('Roles must alternate!') }}")).Message);

    [Fact]
    public void ATemplateCanBeRenderedAgain()
    {
        ChatTemplate template = ChatTemplate.Parse("{% set ns = namespace(x=0) %}{% for i in range(3) %}{% set ns.x = ns.x + 1 %}{% endfor %}{{ ns.x }}");
        Assert.Equal("3", template.Render(Input()));
        Assert.Equal("3", template.Render(Input()));
    }

    [Fact]
    public void TextsThatAreNotUnicodeAreRefused()
    {
        ChatInput input = Input() with { Messages = JsonDocument.Parse("""[{"content": "\ud800"}]""").RootElement };
        Assert.Contains("not valid Unicode", Assert.Throws<CaravanException>(() => ChatTemplate.Parse("x").Render(input)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        string path = Path.Combine(Fixtures.Repository, "tests", "Caravan.Text.Tests", "ChatTemplates", "jinja-cases.txt");
        foreach (string line in File.ReadAllLines(path).Where(line => line.Contains(" => ", StringComparison.Ordinal)))
        {
            int arrow = line.LastIndexOf(" => ", StringComparison.Ordinal);
            cases.Add(line[..arrow], line[(arrow + 4)..]);
        }

        return cases;
    }

    internal static string Render(string template) => ChatTemplate.Parse(template).Render(Input());

    internal static ChatInput Input() => new()
    {
        Messages = JsonDocument.Parse("[]").RootElement,
        Variables = JsonDocument.Parse(Variables).RootElement.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value),
        Clock = () => new DateTime(2024, 7, 6, 13, 5, 9, DateTimeKind.Local),
    };
}
