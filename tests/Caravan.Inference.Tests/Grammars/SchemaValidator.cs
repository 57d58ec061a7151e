using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Caravan.Inference.Tests;

/// <summary>A plain validator of the keywords that the tests use, by the words of the specification. Shares nothing with the product.</summary>
internal sealed class SchemaValidator(JsonElement root)
{
    /// <summary>What is wrong with a value, or null.</summary>
    public string? Validate(JsonElement value) => Check(root, value, "$");

    private string? Check(JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind == JsonValueKind.True) return null;
        if (schema.ValueKind == JsonValueKind.False) return at + " is forbidden";
        foreach (JsonProperty keyword in schema.EnumerateObject())
            if (Check(schema, keyword.Name, keyword.Value, value, at) is { } problem) return problem;
        return null;
    }

    private string? Check(JsonElement schema, string keyword, JsonElement wanted, JsonElement value, string at)
    {
        bool isText = value.ValueKind == JsonValueKind.String, isNumber = value.ValueKind == JsonValueKind.Number;
        bool isArray = value.ValueKind == JsonValueKind.Array, isObject = value.ValueKind == JsonValueKind.Object;
        bool holds = keyword switch
        {
            "$ref" => Check(Resolve(wanted.GetString()!), value, at) is null,
            "type" => (wanted.ValueKind == JsonValueKind.Array ? wanted.EnumerateArray().ToArray() : [wanted]).Any(type => IsOf(type.GetString()!, value)),
            "enum" => wanted.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
            "const" => JsonElement.DeepEquals(wanted, value),
            "allOf" => wanted.EnumerateArray().All(one => Check(one, value, at) is null),
            "anyOf" => wanted.EnumerateArray().Any(one => Check(one, value, at) is null),
            "oneOf" => wanted.EnumerateArray().Count(one => Check(one, value, at) is null) == 1,
            "minLength" => !isText || Length(value) >= wanted.GetInt32(),
            "maxLength" => !isText || Length(value) <= wanted.GetInt32(),
            "pattern" => !isText || Regex.IsMatch(value.GetString()!, wanted.GetString()!.Replace("$", "\\z"), RegexOptions.CultureInvariant),
            "format" => !isText || HasFormat(wanted.GetString()!, value.GetString()!),
            "minimum" => !isNumber || value.GetDecimal() >= wanted.GetDecimal(),
            "maximum" => !isNumber || value.GetDecimal() <= wanted.GetDecimal(),
            "exclusiveMinimum" => !isNumber || value.GetDecimal() > wanted.GetDecimal(),
            "minItems" => !isArray || value.GetArrayLength() >= wanted.GetInt32(),
            "maxItems" => !isArray || value.GetArrayLength() <= wanted.GetInt32(),
            "required" => !isObject || wanted.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            _ => true,
        };
        if (!holds) return $"{at} breaks {keyword} {wanted}";
        if (keyword == "properties" && isObject)
        {
            foreach (JsonProperty property in wanted.EnumerateObject())
                if (value.TryGetProperty(property.Name, out JsonElement member) && Check(property.Value, member, $"{at}.{property.Name}") is { } problem) return problem;
        }

        if (keyword == "additionalProperties" && isObject)
        {
            foreach (JsonProperty member in value.EnumerateObject())
            {
                if (schema.TryGetProperty("properties", out JsonElement known) && known.TryGetProperty(member.Name, out _)) continue;
                if (Check(wanted, member.Value, $"{at}.{member.Name}") is { } problem) return problem;
            }
        }

        if (keyword is "items" or "prefixItems" && isArray)
        {
            int places = schema.TryGetProperty("prefixItems", out JsonElement prefix) ? prefix.GetArrayLength() : 0;
            for (int i = 0; i < value.GetArrayLength(); i++)
            {
                if (keyword == "items" ? i < places : i >= places) continue;
                if (Check(keyword == "items" ? wanted : wanted[i], value[i], $"{at}[{i}]") is { } problem) return problem;
            }
        }

        return null;
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDecimal() == decimal.Floor(value.GetDecimal()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind.ToString().Equals(type, StringComparison.OrdinalIgnoreCase),
    };

    private static int Length(JsonElement text) => text.GetString()!.EnumerateRunes().Count();

    private static bool HasFormat(string format, string text) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "time" => DateTimeOffset.TryParse("2024-01-01T" + Whole(text), CultureInfo.InvariantCulture, out _),
        "date-time" => DateTimeOffset.TryParse("2024" + Whole(text)[4..], CultureInfo.InvariantCulture, out _) || text.Contains("-02-29", StringComparison.Ordinal),
        "email" => MailAddress.TryCreate(text, out MailAddress? address) && address.Address == text,
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "ipv4" or "ipv6" => IPAddress.TryParse(text, out IPAddress? parsed) && parsed.GetAddressBytes().Length == (format == "ipv4" ? 4 : 16),
        "hostname" => Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4,
        _ => throw new ArgumentException(format),
    };

    /// <summary>.NET takes offsets to 14 hours and 7 digits of a second; the specification takes more, so that part is cut.</summary>
    private static string Whole(string time) => Regex.Replace(Regex.Replace(time, @"\.\d+", ""), @"[+-]\d\d:\d\d$", "Z");

    private JsonElement Resolve(string pointer) => pointer.Split('/').Skip(1).Aggregate(root, (element, name) => element.GetProperty(name));
}
