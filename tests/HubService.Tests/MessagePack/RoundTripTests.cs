using System.Text;
using System.Text.Json;

namespace HubService.Tests.MessagePack;

/// <summary>What the contract writes as JSON comes back from MessagePack as it was.</summary>
public class RoundTripTests
{
    [Fact]
    public void Any_json_comes_back_from_messagepack_as_it_was()
    {
        for (int seed = 0; seed < 5_000; seed++)
        {
            byte[] json = new RandomJson(seed).Next();
            byte[] packed = Packed.FromJson(json);
            string back = Packed.ToJson(packed);
            Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), JsonElement.Parse(back)), $"Seed {seed}: {Encoding.UTF8.GetString(json)} became {back}");
            Assert.True(packed.AsSpan().SequenceEqual(Packed.FromJson(back)), $"Seed {seed} is packed in two ways");
        }
    }

    [Theory]
    [InlineData("null", "c0")]
    [InlineData("false", "c2")]
    [InlineData("true", "c3")]
    [InlineData("0", "00")]
    [InlineData("127", "7f")]
    [InlineData("128", "cc 80")]
    [InlineData("256", "cd 0100")]
    [InlineData("65536", "ce 00010000")]
    [InlineData("9007199254740991", "cf 001fffffffffffff")]
    [InlineData("9007199254740992", "cf 0020000000000000")]
    [InlineData("9223372036854775807", "cf 7fffffffffffffff")]
    [InlineData("18446744073709551615", "cf ffffffffffffffff")]
    [InlineData("-1", "ff")]
    [InlineData("-32", "e0")]
    [InlineData("-33", "d0 df")]
    [InlineData("-129", "d1 ff7f")]
    [InlineData("-32769", "d2 ffff7fff")]
    [InlineData("-9223372036854775808", "d3 8000000000000000")]
    [InlineData("0.5", "cb 3fe0000000000000")]
    [InlineData("-0.0", "cb 8000000000000000")]
    [InlineData("-0", "cb 8000000000000000")]
    [InlineData("\"\"", "a0")]
    [InlineData("\"é\"", "a2 c3a9")]
    [InlineData("[]", "90")]
    [InlineData("{}", "80")]
    [InlineData("""{"seq":7,"a":[null]}""", "82 a3736571 07 a161 91c0")]
    public void A_value_has_its_shortest_form(string json, string packed) =>
        Assert.Equal(Convert.ToHexStringLower(Packed.Hex(packed)), Convert.ToHexStringLower(Packed.FromJson(json)));

    [Theory]
    [InlineData("d0 01", "1")]
    [InlineData("d3 0000000000000007", "7")]
    [InlineData("ce 00000007", "7")]
    [InlineData("cf 0020000000000000", "9007199254740992")]
    [InlineData("cf ffffffffffffffff", "18446744073709551615")]
    [InlineData("d3 8000000000000000", "-9223372036854775808")]
    [InlineData("ca 3f000000", "0.5")]
    [InlineData("cb 4014000000000000", "5")]
    [InlineData("dc 0001 c3", "[true]")]
    [InlineData("dd 00000001 c2", "[false]")]
    [InlineData("de 0001 a161 01", """{"a":1}""")]
    [InlineData("df 00000001 d90161 01", """{"a":1}""")]
    [InlineData("da 0001 61", "\"a\"")]
    [InlineData("db 00000001 61", "\"a\"")]
    [InlineData("a2 1e22", "\"\\u001E\\\"\"")]
    [InlineData("d6 ff 00000001", "\"1970-01-01T00:00:01.000Z\"")]
    [InlineData("d7 ff 1dcd650000000001", "\"1970-01-01T00:00:01.125Z\"")]
    [InlineData("c7 0c ff 00000000 ffffffffffffffff", "\"1969-12-31T23:59:59.000Z\"")]
    public void Any_form_of_a_value_is_read(string packed, string json) => Assert.Equal(json, Packed.ToJson(Packed.Hex(packed)));

    [Theory]
    [InlineData(15, "9f")]
    [InlineData(16, "dc0010")]
    [InlineData(65_535, "dcffff")]
    [InlineData(65_536, "dd00010000")]
    public void Containers_grow_with_what_they_hold(int count, string head)
    {
        string json = $"[[{string.Join(',', Enumerable.Repeat("true", count))}],{{\"a\":1}}]";
        byte[] packed = Packed.FromJson(json);
        Assert.StartsWith("92" + head + "c3", Convert.ToHexStringLower(packed), StringComparison.Ordinal);
        Assert.Equal(json, Packed.ToJson(packed));
    }

    [Theory]
    [InlineData("""a\ud800b""", "a\ufffdb")]
    [InlineData("""\udc00\ud83d\ude00""", "\ufffd\U0001f600")]
    [InlineData("""\ud83d\n""", "\ufffd\n")]
    [InlineData("""\"\\\/\b\f\n\r\t\u00E9\u20ac""", "\"\\/\b\f\n\r\t\u00e9\u20ac")]
    public void Escapes_are_text_and_half_a_pair_is_replaced(string escaped, string text) =>
        Assert.Equal(text, JsonElement.Parse(Packed.ToJson(Packed.FromJson($"\"{escaped}\""))).GetString());
}
