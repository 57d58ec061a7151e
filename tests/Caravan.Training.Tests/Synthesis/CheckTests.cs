using System.Text;
using System.Text.Json;
using Caravan.Training.Synthesis;

namespace Caravan.Training.Tests;

/// <summary>What counts as a right answer.</summary>
public class CheckTests
{
    private const string Call = "<tool_call>\n{\"name\": \"clock\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>";

    [Theory]
    [InlineData("345 + 278 = 623", true)]
    [InlineData("623.", true)]
    [InlineData("The sum of 345 and 278 is 623!", true)]
    [InlineData("-623", false)]
    [InlineData("623 - 1 = 622", false)]
    [InlineData("6230", false)]
    [InlineData("", false)]
    public void TheLastNumberCounts(string answer, bool right) => Assert.Equal(right, new NumberCheck("623").Accepts(answer));

    [Theory]
    [InlineData("1,800", "1800", true)]
    [InlineData("278-345=-67", "-67", true)]
    [InlineData("2.5", "2", false)]
    public void NumbersAreReadAsPeopleWriteThem(string answer, string value, bool right) => Assert.Equal(right, new NumberCheck(value).Accepts(answer));

    [Theory]
    [InlineData("> Ann is 7. She has a cat.\nAnn is 7 years old.", true)]
    [InlineData("> Ann is 7.\nAnn is 9 years old.", false)]
    [InlineData("> Ann is 7.", false)]
    public void QuotedLinesAreNotWhatIsSaid(string answer, bool right) => Assert.Equal(right, new NumberCheck("7").Accepts(answer));

    [Fact]
    public void AllTextsMustBeThere()
    {
        Assert.True(new ContainsCheck("berlin", "Anna").Accepts("Anna lives in Berlin."));
        Assert.False(new ContainsCheck("berlin", "Anna").Accepts("She lives in Berlin."));
    }

    [Fact]
    public void MarksAroundATextDoNotCount()
    {
        Assert.True(new TextCheck("3, 5, 8").Accepts(" 3, 5, 8.\n"));
        Assert.True(new TextCheck("3, 5, 8").Accepts("Sorted: 3, 5, 8"));
        Assert.False(new TextCheck("3, 5, 8").Accepts("3, 8, 5"));
        Assert.False(new TextCheck("3, 5, 8").Accepts("Sorted: 1, 3, 5, 8"));
    }

    [Theory]
    [InlineData("{\"b\": 2, \"a\": \"x\"}", true)]
    [InlineData("{\"a\":\"x\",\"b\":2}", true)]
    [InlineData("{\"a\": \"x\", \"b\": \"2\"}", false)]
    [InlineData("{\"a\": \"x\", \"a\": \"x\", \"b\": 2}", false)]
    [InlineData("{\"a\": \"x\", \"b\": 2", false)]
    [InlineData("Here: {\"a\": \"x\", \"b\": 2}", false)]
    public void ObjectsAreComparedByMeaning(string answer, bool right) => Assert.Equal(right, new JsonCheck("{\"a\": \"x\", \"b\": 2}").Accepts(answer));

    [Theory]
    [InlineData(Call, true)]
    [InlineData("<tool_call>{\"name\":\"clock\",\"arguments\":{\"city\":\"Rome\"}}</tool_call>", true)]
    [InlineData("<tool_call>\n{\"name\": \"clock\", \"arguments\": {}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"time\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>", false)]
    [InlineData(Call + "\n" + Call, false)]
    [InlineData("It is noon in Rome.", false)]
    public void ExactlyTheCallCounts(string answer, bool right) => Assert.Equal(right, new CallCheck("clock", "{\"city\":\"Rome\"}").Accepts(answer));

    [Fact]
    public void ChecksAreReadAsTheyAreWritten()
    {
        foreach (Check check in (Check[])[new NumberCheck("5"), new ContainsCheck("a", "b"), new TextCheck("x"), new JsonCheck("{\"a\":1}"), new CallCheck("f", "{\"a\":1}")])
        {
            Check read = Check.Read(Fields(check));
            Assert.Equal(Fields(check).GetRawText(), Fields(read).GetRawText());
            Assert.Equal(check.GetType(), read.GetType());
        }

        Assert.StartsWith("'{\"size\":5}' is no check", Assert.Throws<CaravanException>(() => Check.Read(JsonDocument.Parse("{\"size\":5}").RootElement)).Message, StringComparison.Ordinal);
    }

    private static JsonElement Fields(Check check)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            check.Write(writer);
            writer.WriteEndObject();
        }

        return JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).RootElement;
    }
}
