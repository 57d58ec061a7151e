using System.Text;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>A template ends, stays small and reaches nothing, whatever is in it.</summary>
public class HostileTemplateTests
{
    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}", "steps")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}", "steps")]
    [InlineData("{% set ns = namespace(l=[1], m=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}", "steps")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|tojson }}", "levels deep")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|string }}", "levels deep")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}", "levels deep")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "levels deep")]
    [InlineData("{% macro m(x=m()) %}{% endmacro %}{{ m() }}", "levels deep")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "levels deep")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = ns.x|map('string') %}{% endfor %}{{ ns.x|list }}", "levels deep")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = ns.x|select|batch(1)|unique(attribute=0) %}{% endfor %}{{ ns.x|list }}", "levels deep")]
    [InlineData("{% set a = 'a ' * 1000000 %}{{ a.split(none, 999999)|length }}{{ a.split(none, 999999)|length }}{{ a.rsplit(none, 999999)|length }}{{ a.split() }}{{ a.split(' ') }}", "steps")]
    [InlineData("{{ 'x' * 1000000000 }}", "characters")]
    [InlineData("{{ [1] * 1000000000 }}", "steps")]
    [InlineData("{{ '' * 1000000000 }}{{ [] * 1000000000 }}{{ range(100001) }}", "range")]
    [InlineData("{{ 10 ** 100000 }}", "bits")]
    [InlineData("{% set ns = namespace(n=9) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}", "bits")]
    [InlineData("{{ '%1000000000d' % 1 }}", "width")]
    [InlineData("{{ '{:>1000000000}'.format(1) }}", "width")]
    [InlineData("{{ 'x'.center(1000000000) }}", "characters")]
    [InlineData("{{ 'x'|center(1000000000) }}", "characters")]
    [InlineData("{{ 'x\ny'|indent(1000000000) }}", "characters")]
    [InlineData("{{ [1]|batch(1000000000, 0)|list }}", "steps")]
    [InlineData("{{ [1]|slice(1000000000)|list }}", "steps")]
    [InlineData("{% set a = 'a' * 1000000 %}{{ (a + 'b') in (a * 16) }}", "characters")]
    [InlineData("{% set a = 'a' * 1000000 %}{% set b = a[:500000] + 'b' %}{{ a.find(b) }}", "steps")]
    [InlineData("{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% if a.strip() == 'b' %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% set x = a|length %}{% endfor %}", "steps")]
    [InlineData("{% set a = 'a' * 1000000 %}{{ a.replace('', a) }}", "characters")]
    [InlineData("{% set a = 'a' * 1000000 %}{{ a|list|join(a) }}", "characters")]
    public void IsStoppedAtALimit(string template, string limit) =>
        Assert.Contains(limit, Assert.Throws<CaravanException>(() => JinjaTests.Render(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("{1:", "}")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    [InlineData("1 if 1 else ", "")]
    [InlineData("f(", ")")]
    public void DeepSourcesAreRefused(string open, string close)
    {
        string source = "{{ " + string.Concat(Enumerable.Repeat(open, 50_000)) + "1" + string.Concat(Enumerable.Repeat(close, 50_000)) + " }}";
        Assert.Contains("nests", Assert.Throws<CaravanException>(() => ChatTemplate.Parse(source)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" + 1", "levels deep")]
    [InlineData(".a", "levels deep")]
    [InlineData("|string", "levels deep")]
    [InlineData(" or 0", "levels deep")]
    public void LongChainsAreRefusedWhenTheyRun(string link, string limit) =>
        Assert.Contains(limit, Assert.Throws<CaravanException>(() => JinjaTests.Render("{{ 1" + string.Concat(Enumerable.Repeat(link, 50_000)) + " }}")).Message, StringComparison.Ordinal);

    [Fact]
    public void ManyTextsInARowAreJoinedInOneGo() =>
        Assert.Equal(200_000, JinjaTests.Render("{{ " + string.Concat(Enumerable.Repeat("'x'", 200_000)) + " }}").Length);

    [Fact]
    public void DeepBlocksAreRefused() =>
        Assert.Throws<CaravanException>(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 50_000))));

    [Fact]
    public void NothingOfDotNetOrPythonIsReached()
    {
        foreach (string name in new[] { "__class__", "__init__", "__globals__", "GetType", "Length", "mro", "func_globals" })
            Assert.Equal("False", JinjaTests.Render($"{{{{ s.{name} is defined or l.{name} is defined or range.{name} is defined or s['{name}'] is defined }}}}"));
    }

    [FixtureFact]
    public void MutatedTemplatesRenderOrAreRefused()
    {
        string[] conversations = ["tool_round_trip", "three_turns"];
        int refused = 0, tried = 0;
        foreach (string name in TemplateFixtures.Names)
        {
            int mutations = MutationFuzzer.Mutations(60);
            tried += mutations;
            ChatInput[] inputs = [.. conversations.Select(TemplateFixtures.Input)];
            refused += MutationFuzzer.Run(Encoding.UTF8.GetBytes(TemplateFixtures.Source(name)), mutations, seed: name.Length, source =>
            {
                ChatTemplate template = ChatTemplate.Parse(Encoding.UTF8.GetString(source));
                foreach (ChatInput input in inputs) template.Render(input);
            });
        }

        Assert.InRange(refused, tried / 10, tried);
    }

    [Fact]
    public void RandomTokensRenderOrAreRefused()
    {
        string[] words =
        [
            "{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "if", "else", "elif", "endif", "for", "in", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall",
            "filter", "endfilter", "raw", "endraw", "is", "not", "and", "or", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":", "=", "==", "<", "+", "-", "*", "**", "/", "//", "%", "~",
            "'a'", "\"", "1", "2.5", "99999999", "x", "l", "d", "s", "loop", "caller", "range", "namespace", "join", "map", "select", "sort", "tojson", "items", "recursive", "with", "endwith",
            "break", "continue", "do", "defined", "none", "true", "\n", " ", "text",
        ];
        Random random = new(7);
        int refused = 0, tried = MutationFuzzer.Mutations(20_000);
        for (int i = 0; i < tried; i++)
        {
            StringBuilder source = new();
            for (int length = random.Next(1, 25); length > 0; length--) source.Append(words[random.Next(words.Length)]).Append(random.Next(3) == 0 ? "" : " ");
            try
            {
                JinjaTests.Render(random.Next(2) == 0 ? source.ToString() : $"{{{{ {source} }}}}");
            }
            catch (CaravanException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, tried / 2, tried - 1);
    }
}
