namespace Caravan.Inference.Tests;

/// <summary>Schemas as function calls and structured answers have them.</summary>
internal static class SchemaExamples
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["weather"] = """
            {"type":"object","properties":{"location":{"type":"string","description":"City and state","maxLength":40},
             "unit":{"type":"string","enum":["celsius","fahrenheit"]},"days":{"type":"integer","minimum":1,"maximum":14}},
             "required":["location"],"additionalProperties":false}
            """,
        ["calendar"] = """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Event","type":"object",
             "properties":{"name":{"type":"string","minLength":1,"maxLength":20},"date":{"type":"string","format":"date"},"at":{"type":"string","format":"date-time"},
              "participants":{"type":"array","items":{"type":"string","format":"email"},"minItems":1,"maxItems":3},"id":{"type":"string","format":"uuid"}},
             "required":["name","date","participants"]}
            """,
        ["tree"] = """
            {"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"label":{"type":"string","pattern":"^[a-z]{1,8}$"},
             "children":{"type":"array","items":{"$ref":"#/$defs/node"},"maxItems":2}},"required":["label"],"additionalProperties":false}}}
            """,
        ["expression"] = """
            {"anyOf":[{"type":"number"},{"type":"object","properties":{"op":{"enum":["+","-","*"]},"left":{"$ref":"#"},"right":{"$ref":"#"}},
             "required":["op","left","right"],"additionalProperties":false}]}
            """,
        ["steps"] = """
            {"type":"object","properties":{"steps":{"type":"array","maxItems":3,"items":{"type":"object","properties":{"explanation":{"type":"string","maxLength":30},"output":{"type":"string","maxLength":20}},
             "required":["explanation","output"],"additionalProperties":false}},"final_answer":{"type":"string","maxLength":30}},"required":["steps","final_answer"],"additionalProperties":false}
            """,
        ["tools"] = """
            {"oneOf":[{"type":"object","properties":{"name":{"const":"search"},"arguments":{"type":"object","properties":{"query":{"type":"string","minLength":1,"maxLength":20},"top":{"type":"integer","minimum":1,"maximum":100}},"required":["query"]}},"required":["name","arguments"]},
             {"type":"object","properties":{"name":{"const":"convert"},"arguments":{"type":"object","properties":{"amount":{"type":"number","exclusiveMinimum":0,"maximum":99999.5},"to":{"type":"string","pattern":"^[A-Z]{3}$"}},"required":["amount","to"]}},"required":["name","arguments"]}]}
            """,
        ["optional"] = """
            {"type":"object","properties":{"a":{"type":"integer","minimum":-5,"maximum":5},"b":{"type":"boolean"},"c":{"type":["string","null"],"maxLength":4},"d":{"type":"array","items":{"type":"integer","minimum":0,"maximum":255}}}}
            """,
        ["map"] = """
            {"type":"object","properties":{"version":{"const":2}},"required":["version"],"additionalProperties":{"type":"number","minimum":-273.15,"maximum":1e6}}
            """,
        ["merged"] = """
            {"allOf":[{"$ref":"#/definitions/base"},{"properties":{"extra":{"type":"string","maxLength":5},"id":{"maximum":50}},"required":["extra"]}],
             "definitions":{"base":{"type":"object","properties":{"id":{"type":"integer","minimum":10}},"required":["id"]}}}
            """,
        ["tuple"] = """
            {"type":"array","prefixItems":[{"type":"string","format":"ipv4"},{"type":"integer","minimum":1,"maximum":65535},{"type":"string","format":"time"}],"items":{"type":"boolean"},"minItems":2,"maxItems":5}
            """,
        ["lengths"] = """
            {"type":"object","properties":{"code":{"type":"string","pattern":"[0-9]","minLength":3,"maxLength":6},"host":{"type":"string","format":"hostname","maxLength":30},"v6":{"type":"string","format":"ipv6"}},"required":["code","host","v6"]}
            """,
        ["extraction"] = """
            {"type":"object","properties":{"people":{"type":"array","maxItems":2,"items":{"type":"object","properties":{"first":{"type":"string","maxLength":10},"age":{"type":"integer","minimum":0,"maximum":130},
             "address":{"anyOf":[{"type":"null"},{"type":"object","properties":{"street":{"type":"string","maxLength":10},"zip":{"type":"string","pattern":"^\\d{5}(-\\d{4})?$"}},"required":["street","zip"],"additionalProperties":false}]}},
             "required":["first","age","address"],"additionalProperties":false}},"sentiment":{"type":"string","enum":["positive","neutral","negative"]}},"required":["people","sentiment"],"additionalProperties":false}
            """,
        ["free"] = """{"type":"object","properties":{"data":true,"list":{"type":"array"},"more":{"type":"object"}},"required":["data"]}""",
    };
}
