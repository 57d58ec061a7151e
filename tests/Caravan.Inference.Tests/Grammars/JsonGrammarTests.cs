using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>What schemas allow, checked by System.Text.Json and a validator of the tests' own.</summary>
public sealed class JsonGrammarTests
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 2000 };

    [FixtureFact]
    public void AnyJsonIsJson()
    {
        foreach (string vocabulary in GrammarWalk.Vocabularies)
        {
            int values = 0, objects = 0;
            for (int seed = 0; seed < 200; seed++)
            {
                if (GrammarWalk.Text(Grammar.Json, GrammarWalk.Vocabulary(vocabulary), seed, patience: 40) is { } value)
                {
                    using JsonDocument document = JsonDocument.Parse(value, Deep);
                    values++;
                }

                if (GrammarWalk.Text(Grammar.JsonObject, GrammarWalk.Vocabulary(vocabulary), seed, patience: 40) is not { } text) continue;
                using JsonDocument parsed = JsonDocument.Parse(text, Deep);
                Assert.Equal(JsonValueKind.Object, parsed.RootElement.ValueKind);
                objects++;
            }

            Assert.True(values > 150 && objects > 150, $"{values} values and {objects} objects came to an end with {vocabulary}");
        }
    }

    public static TheoryData<string> Names => [.. SchemaExamples.All.Keys];

    [FixtureTheory]
    [MemberData(nameof(Names))]
    public void ValuesSatisfyTheirSchema(string name)
    {
        using JsonDocument schema = JsonDocument.Parse(SchemaExamples.All[name]);
        Grammar grammar = Grammar.JsonSchema(schema.RootElement);
        SchemaValidator validator = new(schema.RootElement);
        int complete = 0;
        foreach (string vocabulary in GrammarWalk.Vocabularies)
        {
            for (int seed = 0; seed < 30; seed++)
            {
                if (GrammarWalk.Text(grammar, GrammarWalk.Vocabulary(vocabulary), seed) is not { } text) continue;
                complete++;
                using JsonDocument document = JsonDocument.Parse(text, Deep);
                Assert.True(validator.Validate(document.RootElement) is null, $"{validator.Validate(document.RootElement)}: {text}");
            }
        }

        Assert.True(complete > 45, $"{complete} values came to an end");
    }

    /// <summary>Whole texts against the automaton: what a person would expect to be allowed is, and what is wrong is not.</summary>
    [Theory]
    [InlineData("""{"type":"integer","minimum":-12,"maximum":105}""", "-12|-1|0|7|99|105", "-13|-0|106|01|1.0|200|-20")]
    [InlineData("""{"type":"integer","exclusiveMinimum":5,"exclusiveMaximum":7}""", "6", "5|7")]
    [InlineData("""{"type":"integer"}""", "9223372036854775807|-9223372036854775808|0", "9223372036854775808|00")]
    [InlineData("""{"type":"integer","format":"int32"}""", "2147483647|-2147483648", "2147483648")]
    [InlineData("""{"type":"number","minimum":0.5,"maximum":2.25}""", "0.5|0.50|0.51|1|1.999|2|2.2|2.25|2.250", "0.49|0|2.26|2.2501|3|.5|1e0")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"maximum":1}""", "0.1|0.001|1|1.0", "0|0.0|1.1|1.01|-1")]
    [InlineData("""{"type":"number","minimum":-1.5,"exclusiveMaximum":1}""", "-1.5|-1.49|-0.5|0|0.99", "-1.51|1|1.0|-2")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"ab\"|\"a\\u00e9\"|\"日本🙂\"|\"\\ud83d\\ude42x\"", "\"a\"|\"abcd\"|\"a\\ud83d\"")]
    [InlineData("""{"type":"string","pattern":"b+"}""", "\"abc\"|\"b\"", "\"ac\"|\"\"")]
    [InlineData("""{"type":"string","pattern":"^[a-c]+$","minLength":2,"maxLength":4}""", "\"ab\"|\"abca\"", "\"a\"|\"abcab\"|\"ad\"")]
    [InlineData("""{"type":"string","pattern":"^[\"\\\\\n]$"}""", "\"\\\"\"|\"\\\\\"|\"\\n\"", "\"n\"|\"\\\"|\"\"")]
    [InlineData("""{"enum":["a","b\"c",3,null,true,[1,{"x":2}]]}""", "\"a\"|\"b\\\"c\"|3|null|true|[1,{\"x\":2}]|[1, {\"x\": 2}]", "\"b\"|4|false|[1]")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":3}""", "[true]|[ true, false,true ]", "[]|[true,true,true,true]|[1]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false,"minItems":1}""", "[1]|[1,\"a\"]", "[]|[\"a\"]|[1,\"a\",2]")]
    [InlineData("""{"type":"array","maxItems":0}""", "[]|[ ]", "[1]")]
    [InlineData("""{"properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"required":["b"]}""", "{\"b\":null}|{\"a\":null,\"b\":null}|{\"b\":null, \"c\":null}|{ \"a\": null, \"b\": null, \"c\": null }", "{}|{\"a\":null}|{\"b\":null,\"a\":null}|{\"b\":null,}|{,\"b\":null}|{\"b\":null,\"d\":null}")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"},"properties":{"ab":{"type":"string"}}}""", "{}|{\"ab\":\"\",\"a\":1,\"abc\":2,\"\":3}|{\"b\":1}", "{\"ab\":1}|{\"a\":\"\"}|{\"\\u0061b\":1}")]
    [InlineData("""{"type":"object"}""", "{}|{\"a\":[{}]}", "[]|{a:1}")]
    [InlineData("""{"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"integer","minimum":3},"a":{"maximum":5}}}]}""", "{\"a\":5}|{\"a\":1,\"b\":3}", "{\"a\":6}|{\"b\":3}|{\"a\":1,\"b\":2}")]
    [InlineData("""{"type":["string","null"],"maxLength":1}""", "null|\"\"|\"a\"", "\"ab\"|1")]
    [InlineData("""{"type":"string","nullable":true}""", "null|\"a\"", "1")]
    [InlineData("""{"anyOf":[{"const":1},{"type":"string","enum":["x"]}]}""", "1|\"x\"", "2|\"y\"")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["kind","x"]},{"type":"object","properties":{"kind":{"const":"b"}},"required":["kind"]}]}""", "{\"kind\":\"a\",\"x\":1}|{\"kind\":\"b\"}", "{\"kind\":\"a\"}|{\"kind\":\"b\",\"x\":1}")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["v","next"]}}}""", "{\"v\":1,\"next\":null}|{\"v\":1,\"next\":{\"v\":2,\"next\":null}}", "{\"v\":1}|{\"v\":1,\"next\":{}}")]
    [InlineData("""{"$ref":"#/definitions/a~1b%25","maxLength":2,"definitions":{"a/b%":{"type":"string"}}}""", "\"ab\"", "\"abc\"|1")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-29\"|\"2000-02-29\"|\"1999-12-31\"", "\"2023-02-29\"|\"1900-02-29\"|\"2024-04-31\"|\"0000-01-01\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2024-01-01T00:00:00Z\"|\"2024-01-01T23:59:59.123+02:00\"", "\"2024-01-01\"|\"2024-01-01T24:00:00Z\"")]
    [InlineData("""{"type":"string","format":"ipv6"}""", "\"::\"|\"::1\"|\"fe80::1:2\"|\"1:2:3:4:5:6:7:8\"|\"1::\"", "\":\"|\"1:2:3:4:5:6:7\"|\"1::2::3\"|\"1:2:3:4:5:6:7:8:9\"")]
    [InlineData("true", "1|{\"a\":[null, \"x\\n\"]}|-0.5e10", "01|nul|{}x|[1,]|1e100|  1")]
    public void TakesWhatItShouldAndNothingElse(string schema, string allowed, string refused)
    {
        StateTable states = new(AutomatonBuilder.Build(SchemaReader.Read(JsonDocument.Parse(schema).RootElement)));
        AutomatonState start = states.Start();
        foreach (string text in allowed.Split('|')) Assert.True(Takes(text), $"{text} is refused");
        foreach (string text in refused.Split('|')) Assert.False(Takes(text), $"{text} is taken");

        bool Takes(string text) => states.Next(start, System.Text.Encoding.UTF8.GetBytes(text)).CanEnd;
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"not":{"type":"string"}}}}""", "'#/properties/a/not': the keyword 'not' cannot be enforced")]
    [InlineData("""{"type":"string","minLenght":3}""", "'#/minLenght': the keyword 'minLenght' is not known. Did you mean 'minLength'")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "'#/uniqueItems'")]
    [InlineData("""{"type":"number","multipleOf":0.1}""", "'multipleOf' cannot be enforced")]
    [InlineData("""{"type":"strin"}""", "the type 'strin' is not known")]
    [InlineData("""{"type":"string","format":"iri-template"}""", "the format 'iri-template' cannot be enforced; known are byte, date")]
    [InlineData("""{"type":"string","pattern":"a(?=b)"}""", "'#/pattern': The regular expression 'a(?=b)' is wrong at character 4: look-around")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "'#/$ref': the reference '#/$defs/missing' leads nowhere")]
    [InlineData("""{"$ref":"https://example.org/schema"}""", "leads out of the schema")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"string"}]}""", "begins with itself")]
    [InlineData("""{"properties":{"a":{"$ref":"#"}},"required":["a"]}""", "no text at all")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "'#/oneOf': its schemas 0 and 1 may hold for the same value")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":3}""", "no number lies between the bounds 5 and 3")]
    [InlineData("""{"type":"string","minLength":5,"maxLength":3}""", "the least length 5 is above the greatest 3")]
    [InlineData("""{"type":"string","minLength":-1}""", "a whole number of 0 or more was expected")]
    [InlineData("""{"type":"string","enum":["ab"],"maxLength":1}""", "'#/maxLength': a condition on values that are listed")]
    [InlineData("""{"type":"string","enum":[1]}""", "no text at all")]
    [InlineData("""{"enum":[]}""", "'#/enum': an array with something in it was expected")]
    [InlineData("""[1]""", "'#': a schema was expected")]
    [InlineData("""{"type":"object","minProperties":2,"properties":{"a":true,"b":true}}""", "'minProperties' cannot be enforced")]
    [InlineData("""{"type":""", "is no JSON")]
    [InlineData("""{"enum":["\ud800"]}""", "half a character")]
    [InlineData("""{"properties":{"\ud800":{}}}""", "half a character")]
    [InlineData("""{"type":"string","pattern":"(a|b)*c","maxLength":60000}""", "more than 20000 states")]
    public void WhatCannotBeEnforcedIsRefusedWithItsPlace(string schema, string words) =>
        Assert.Contains(words, Assert.Throws<CaravanException>(() => Grammar.JsonSchema(schema)).Message, StringComparison.Ordinal);

    /// <summary>Small texts that ask for much: refused, or done in bounded time and memory.</summary>
    [FixtureFact]
    public void SchemasThatAskForTooMuchAreRefused()
    {
        string pairs = string.Join(',', Enumerable.Repeat("{\"anyOf\":[{\"minLength\":1},{\"maxLength\":9}]}", 40).Select((pair, i) => pair.Replace("9", $"{i + 9}", StringComparison.Ordinal)));
        foreach (string schema in (string[])
        [
            """{"type":"string","pattern":"^(a?){9000}$","maxLength":10}""", """{"type":"string","pattern":"(.{0,90}){90}","maxLength":60000}""", """{"type":"string","pattern":"((a*)*){100}b","minLength":900}""",
            $"{{\"allOf\":[{pairs}]}}", "{\"properties\":{" + string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"p{i}\":{{}}")) + "}}",
            string.Concat(Enumerable.Repeat("{\"items\":", 60)) + "{}" + new string('}', 60), string.Concat(Enumerable.Repeat("{\"items\":", 70)) + "{}" + new string('}', 70),
        ])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? refusal = Record.Exception(() => GrammarWalk.Text(Grammar.JsonSchema(schema), GrammarWalk.Vocabulary("tok512.bin"), 1, 20));
            Assert.True(refusal is CaravanException || (refusal is null && schema.StartsWith("{\"items\"", StringComparison.Ordinal)), $"{schema[..40]}: {refusal}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256L << 20);
        }
    }

    [Fact]
    public void DamagedSchemasAreRefusedInOneSentence()
    {
        foreach (string schema in SchemaExamples.All.Values)
            MutationFuzzer.Run(System.Text.Encoding.UTF8.GetBytes(schema), MutationFuzzer.Mutations(100), schema.Length, bytes => Grammar.JsonSchema(System.Text.Encoding.UTF8.GetString(bytes)));
    }
}
