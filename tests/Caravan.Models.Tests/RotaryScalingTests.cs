using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Frequencies and attention factors against the reference tables.</summary>
public class RotaryScalingTests
{
    [FixtureFact]
    public void EveryTableOfAKnownMethod()
    {
        JsonElement tables = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "rope_tables.json"))).RootElement.GetProperty("tables");
        int checkedTables = 0;
        foreach (JsonElement table in tables.EnumerateArray())
        {
            RotaryScaling? scaling = null;
            int length = 0;
            switch (table.GetProperty("type").GetString())
            {
                case "default": break;
                case "linear": scaling = new LinearScaling(Real(table, "factor")); break;
                case "dynamic":
                    scaling = new DynamicScaling(Real(table, "factor"), Integer(table, "max_position_embeddings"));
                    length = Integer(table, "seq_len");
                    break;
                case "llama3":
                    scaling = new Llama3Scaling(
                        Real(table, "factor"), Real(table, "low_freq_factor"), Real(table, "high_freq_factor"), Integer(table, "original_max_position_embeddings"));
                    break;
                case "yarn": scaling = new YarnScaling(Real(table, "factor"), Integer(table, "original_max_position_embeddings")); break;
                default: continue;
            }

            RotarySpec rotary = new() { Dimensions = Integer(table, "dim"), Base = Real(table, "base"), Scaling = scaling };
            double[] expected = table.GetProperty("inv_freq").Deserialize<double[]>()!;
            double[] actual = rotary.Frequencies(length);
            Assert.Equal(expected.Length, actual.Length);
            // The tables hold nine significant digits.
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 5e-9 * expected[i]);
            Assert.Equal(Real(table, "attention_factor"), scaling?.AttentionFactor ?? 1, 5e-9);
            checkedTables++;
        }

        Assert.True(checkedTables >= 13, $"only {checkedTables} tables were checked");
    }

    private static double Real(JsonElement table, string key) => table.GetProperty(key).GetDouble();

    private static int Integer(JsonElement table, string key) => table.GetProperty(key).GetInt32();
}
